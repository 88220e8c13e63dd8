using System.Collections.Immutable;
using System.Text.Json;
using XLLM.Gateway.Configuration;
using XLLM.Gateway.Errors;
using XLLM.Gateway.Generation;
using XLLM.Gateway.OpenAi;
using XLLM.Gateway.OpenAi.Chat;
using XLLM.Gateway.OpenAi.Json;
using XLLM.Gateway.Structure;

namespace XLLM.Gateway.Responses;

/// <summary>JSON to <see cref="ResponseRequest"/>.</summary>
/// <param name="transcriptOf">Items of a stored response and all before it; null when there is none of that id.</param>
internal sealed class ResponseParser(Func<string, ImmutableArray<string>?> transcriptOf)
{
    private const int MaxIdLength = 256;
    private const int MaxMetadata = 16;

    private static readonly string[] Unsupported = ["conversation", "prompt", "max_tool_calls", "context_management"];

    public ResponseRequest Parse(JsonFields body, GatewayOptions options)
    {
        RefuseUnsupported(body);
        bool stream = body.Flag("stream");
        bool background = body.Flag("background");
        if (stream && background)
        {
            throw ApiException.Unsupported("background", "'background' is not supported together with 'stream'.");
        }

        bool store = body.Flag("store", absent: true);
        if (background && !store)
        {
            throw ApiException.Invalid("store", "'store' must not be false with 'background': nobody could ask for the response.");
        }

        string? previous = body.Text("previous_response_id", MaxIdLength);
        ImmutableArray<string> before = previous is null ? [] : transcriptOf(previous) ?? throw ApiException.Invalid(
            "previous_response_id", $"'previous_response_id' is '{previous}'; there is no stored response of that id.");
        ImmutableArray<string> input = InputItems.Read(body.Required("input"), options.MaxMessages);
        ImmutableArray<string> transcript = before.AddRange(input);
        string? instructions = body.Text("instructions", int.MaxValue);
        ToolChoice choice = ToolChoiceParser.Read(body, nested: false);
        ResponseTools tools = ResponseTools.Read(body);
        ToolChoiceParser.Check(choice, tools.Terms);
        return new ResponseRequest
        {
            Parameters = OperationFields.Read(body, new GenerationParameters
            {
                Model = body.Text("model", GenerationParser.MaxModelNameLength),
                Stream = stream,
                MaxTokens = body.Int32("max_output_tokens", 1, GenerationParser.AnyTokenCount),
                Temperature = body.Number("temperature", 0, 2),
                TopP = GenerationParser.ReadTopP(body),
                CacheSalt = body.Text("cache_salt", MaxIdLength) ?? "",
                Format = body.Object("text")?.Object("format") is { } form ? OutputFormatParser.ReadTyped(form, nested: false) : null,
            }),
            Prompt = new ChatPrompt
            {
                Messages = TurnBuilder.Build(instructions, transcript, options.MaxMessages),
                Tools = choice.Offers ? tools.Rendered : default,
                Terms = choice.Offers ? tools.Terms : [],
                Choice = choice,
                MaxToolCalls = body.Flag("parallel_tool_calls", absent: true) ? int.MaxValue : 1,
                ReasoningEffort = body.Object("reasoning")?.Text("effort", 32),
                ReasoningEffortPath = "reasoning.effort",
                ThinkingBudget = body.Int32("thinking_token_budget", 0, GenerationParser.AnyTokenCount),
            },
            Input = input,
            Transcript = transcript,
            PreviousId = previous,
            Instructions = instructions,
            Store = store,
            Background = background,
            Tools = tools.Given,
            Metadata = ReadMetadata(body),
            ToolChoice = body.TryGet("tool_choice", out JsonElement given) ? given.Clone() : default,
            TextFormat = body.Object("text") is { } text && text.TryGet("format", out JsonElement format) ? format.Clone() : default,
        };
    }

    private static void RefuseUnsupported(JsonFields body)
    {
        foreach (string name in Unsupported)
        {
            if (body.TryGet(name, out _))
            {
                throw ApiException.Unsupported(name, $"'{name}' is not supported.");
            }
        }

        if (body.Text("truncation", 32) is { } truncation && truncation != "disabled")
        {
            throw ApiException.Unsupported("truncation", $"'truncation' is '{truncation}'; only 'disabled' is supported.");
        }

        if (body.Int32("top_logprobs", 0, 20) > 0)
        {
            throw ApiException.Unsupported("top_logprobs", "'top_logprobs' is not supported here; use /v1/chat/completions.");
        }
    }

    private static JsonElement ReadMetadata(JsonFields body)
    {
        if (!body.TryGet("metadata", out JsonElement metadata))
        {
            return default;
        }

        JsonFields.Of(metadata, "metadata");
        JsonValues.CheckTexts(metadata, "metadata");
        int count = metadata.GetPropertyCount();
        if (count > MaxMetadata)
        {
            throw ApiException.Invalid("metadata", $"'metadata' has {count} entries; at most {MaxMetadata} are allowed.");
        }

        foreach (JsonProperty entry in metadata.EnumerateObject())
        {
            JsonValues.Text(entry.Value, $"metadata.{entry.Name}", 512);
        }

        return metadata.Clone();
    }
}
