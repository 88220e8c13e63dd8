using XLLM.Text.Reasoning;
using XLLM.Text.ToolCalls;

namespace XLLM.Text.Answers;

/// <summary>What a model's answers hold beside text, by its chat template. Immutable.</summary>
/// <param name="Reasoning">The marks around its thoughts, or null.</param>
/// <param name="ToolCalls">How it writes tool calls.</param>
public sealed record AnswerFormat(ReasoningFormat? Reasoning, ToolCallFormat ToolCalls)
{
    /// <summary>Answers are text.</summary>
    public static AnswerFormat Plain { get; } = new(null, ToolCallFormat.None);

    /// <summary>The format that a chat template teaches.</summary>
    public static AnswerFormat OfTemplate(string source)
    {
        ToolCallFormat calls = ToolCallFormats.OfTemplate(source);
        return new(ReasoningFormat.OfTemplate(source), calls) { HasNewerCalls = ToolCallFormats.IsNewer(source, calls) };
    }

    /// <summary>Of Mistral and DeepSeek: calls are taught in their newer form. Both are read.</summary>
    public bool HasNewerCalls { get; init; }

    /// <summary>A splitter of one answer; null when there is nothing to separate.</summary>
    /// <param name="prompt">The prompt's text, which may end within thoughts.</param>
    /// <param name="offer">The tools that the prompt offers.</param>
    public AnswerSplitter? NewSplitter(string prompt, ToolOffer offer)
    {
        ArgumentNullException.ThrowIfNull(offer);
        ToolCallFormat calls = offer.Names.Count > 0 ? ToolCalls : ToolCallFormat.None;
        return Reasoning is null && calls == ToolCallFormat.None
            ? null
            : new AnswerSplitter(
                Reasoning is { } format ? new ReasoningSplitter(format, format.IsOpenAtEnd(prompt)) : null,
                ToolCallFormats.NewParser(calls, offer));
    }

    /// <summary>Marks that an answer's text must show even where they are special tokens.</summary>
    /// <param name="hasTools">The prompt offers tools.</param>
    public IReadOnlyList<string> MarksOf(bool hasTools) =>
    [
        .. Reasoning is { } format ? [format.Open, format.Close] : Array.Empty<string>(),
        .. hasTools ? ToolCallFormats.MarksOf(ToolCalls) : [],
    ];
}
