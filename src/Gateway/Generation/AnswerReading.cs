using System.Security.Cryptography;
using XLLM.Gateway.Structure;
using XLLM.Text.Answers;
using XLLM.Text.ToolCalls;

namespace XLLM.Gateway.Generation;

/// <summary>How the answers to one prompt are read.</summary>
/// <param name="Format">What they hold beside text.</param>
/// <param name="Prompt">The prompt's text.</param>
/// <param name="Offer">The tools it offers.</param>
internal sealed record AnswerReading(AnswerFormat Format, string Prompt, ToolOffer Offer)
{
    // Templates of Mistral models take ids of just nine letters and digits.
    private const int MistralIdLength = 9;
    private const int IdLength = 24;
    private const string Letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

    /// <summary>Answers are text.</summary>
    public static AnswerReading Plain { get; } = new(AnswerFormat.Plain, "", ToolOffer.None);

    /// <summary>Answers are text of a form.</summary>
    public static AnswerReading Of(OutputFormat? format) =>
        format is null ? Plain : Plain with { Structure = new AnswerStructure(format.Node, [format.Leaf]) };

    /// <summary>The form that the answers must have; null = any.</summary>
    public AnswerStructure? Structure { get; init; }

    /// <summary>Special tokens that the text must show.</summary>
    public IReadOnlyList<string> Marks => Format.MarksOf(Offer.Names.Count > 0);

    /// <summary>A splitter for one answer, or null.</summary>
    public AnswerSplitter? NewSplitter() => Format.NewSplitter(Prompt, Offer);

    /// <summary>An id for a tool call that the model's template takes back.</summary>
    /// <param name="prefix">What the API's ids begin with.</param>
    public string NewCallId(string prefix) => Format.ToolCalls == ToolCallFormat.Mistral
        ? RandomNumberGenerator.GetString(Letters, MistralIdLength)
        : prefix + RandomNumberGenerator.GetString(Letters, IdLength);
}
