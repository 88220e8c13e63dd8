using System.Collections.Immutable;
using System.Text.Json;
using XLLM.Contracts.Requests;
using XLLM.Gateway.Generation;
using XLLM.Gateway.Streaming;
using XLLM.Gateway.Text;
using XLLM.Text.Answers;

namespace XLLM.Gateway.OpenAi.Completions;

/// <summary>Completion answers, with OpenAI's older form of logprobs.</summary>
/// <param name="codec">The model's tokenizer.</param>
/// <param name="parameters">What was asked for.</param>
/// <param name="promptTexts">Text of each prompt, for echo; else empty.</param>
internal sealed class CompletionShape(
    ITextCodec codec, GenerationParameters parameters, ImmutableArray<string> promptTexts) : IAnswerShape
{
    private readonly Dictionary<int, CompletionLogprobs> _logprobs = [];

    public string EventObject => "text_completion";

    public string WholeObject => "text_completion";

    public ReadOnlySpan<byte> BeforeText => ",\"text\":"u8;

    public ReadOnlySpan<byte> AfterText => ",\"logprobs\":null"u8;

    /// <summary>Only the echoed prompt is wanted; the one token that was computed for it is dropped.</summary>
    private bool DropsOutput => parameters.MaxTokens == 0;

    public bool HasOpening(Choice choice) => parameters.Echo;

    public void WriteOpening(Utf8JsonWriter json, Choice choice)
    {
        json.WriteString(Names.Text, PromptTextOf(choice));
        WriteLogprobs(json, choice, choice.Delta.Prompt, []);
    }

    public bool HasContent(Choice choice) => !DropsOutput && (choice.Delta.Text.Length > 0 || choice.Delta.Tokens.Count > 0);

    public void WriteContent(Utf8JsonWriter json, Choice choice)
    {
        json.WriteString(Names.Text, choice.Delta.Text);
        WriteLogprobs(json, choice, [], choice.Delta.Tokens);
    }

    public void WritePiece(Utf8JsonWriter json, Choice choice, AnswerPiece piece, bool isFirst) =>
        throw new InvalidOperationException("The text of completions is not split.");

    public void WriteClosing(Utf8JsonWriter json, Choice choice)
    {
        json.WriteString(Names.Text, "");
        json.WriteNull(Names.Logprobs);
    }

    public void WriteWhole(Utf8JsonWriter json, Choice choice, CollectedChoice collected)
    {
        string output = DropsOutput ? "" : collected.Text.ToString();
        json.WriteString(Names.Text, parameters.Echo ? PromptTextOf(choice) + output : output);
        WriteLogprobs(json, choice, collected.Prompt, DropsOutput ? [] : collected.Tokens);
    }

    private string PromptTextOf(Choice choice) => promptTexts[choice.Index / parameters.Choices];

    private void WriteLogprobs(Utf8JsonWriter json, Choice choice, List<GeneratedToken> prompt, List<GeneratedToken> output)
    {
        if (!choice.Request.Logprobs.Chosen)
        {
            json.WriteNull(Names.Logprobs);
            return;
        }

        if (!_logprobs.TryGetValue(choice.Index, out CompletionLogprobs? writer))
        {
            _logprobs[choice.Index] = writer = new CompletionLogprobs(codec);
        }

        writer.Write(json, [.. prompt, .. output], choice.Request.Logprobs.Top);
    }
}
