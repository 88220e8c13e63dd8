using System.Collections.Immutable;
using System.Text.Json;
using XLLM.Gateway.Configuration;
using XLLM.Gateway.Errors;
using XLLM.Gateway.Generation;
using XLLM.Gateway.OpenAi;
using XLLM.Gateway.OpenAi.Chat;
using XLLM.Gateway.OpenAi.Json;
using XLLM.Gateway.Structure;

namespace XLLM.Gateway.Anthropic;

/// <summary>Anthropic's JSON to <see cref="MessagesRequest"/>. Fields that are not known are ignored, as for OpenAI's API.</summary>
internal static class MessagesParser
{
    private const int MaxStops = 16;
    private const int MaxStopLength = 256;

    /// <summary>A request for a message.</summary>
    public static MessagesRequest Parse(JsonFields body, GatewayOptions options)
    {
        ChatPrompt prompt = ParsePrompt(body, options);
        body.Required("max_tokens");
        return new MessagesRequest(
            OperationFields.Read(body, new GenerationParameters
            {
                Model = body.Text("model", GenerationParser.MaxModelNameLength),
                Stream = body.Flag("stream"),
                MaxTokens = body.Int32("max_tokens", 1, GenerationParser.AnyTokenCount),
                Temperature = body.Number("temperature", 0, 1),
                TopP = GenerationParser.ReadTopP(body),
                TopK = body.Int32("top_k", 0, int.MaxValue),
                Stop = ReadStops(body),
                Format = ReadFormat(body),
            }),
            prompt);
    }

    /// <summary>What the prompt is made of; all that a count of its tokens needs.</summary>
    public static ChatPrompt ParsePrompt(JsonFields body, GatewayOptions options)
    {
        foreach (string name in (ReadOnlySpan<string>)["mcp_servers", "container"])
        {
            if (body.TryGet(name, out JsonElement value) && !(value.ValueKind == JsonValueKind.Array && value.GetArrayLength() == 0))
            {
                throw ApiException.Unsupported(name, $"'{name}' is not supported.");
            }
        }

        JsonElement messages = JsonValues.Array(body.Required("messages"), "messages", options.MaxMessages);
        if (messages.GetArrayLength() == 0)
        {
            throw ApiException.Invalid("messages", "'messages' is empty; at least one message is needed.");
        }

        var all = ImmutableArray.CreateBuilder<ChatMessage>();
        if (body.TryGet("system", out JsonElement system) && MessageReader.ReadText(system, "system") is { Length: > 0 } text)
        {
            all.Add(new ChatMessage("system", text));
        }

        int index = 0;
        foreach (JsonElement message in messages.EnumerateArray())
        {
            MessageReader.Read(message, $"messages[{index++}]", all);
        }

        if (all.Count == 0)
        {
            throw ApiException.Invalid("messages", "'messages' has no text at all.");
        }

        // A last turn of the assistant is the beginning of the answer.
        bool prefilled = all[^1].Role == "assistant";
        if (prefilled && string.IsNullOrWhiteSpace(all[^1].Content))
        {
            throw ApiException.Invalid("messages", "The last message is the assistant's; it needs a text to continue.");
        }

        return ToolsReader.Read(body, new ChatPrompt
        {
            Messages = all.ToImmutable(),
            AddGenerationPrompt = !prefilled,
            ContinueFinalMessage = prefilled,
            ReasoningEffort = ReadThinking(body) ?? ReadEffort(body),
            ThinkingBudget = ReadBudget(body),
            ThinkingBudgetPath = "thinking.budget_tokens",
            ReasoningEffortPath = body.TryGet("thinking", out _) ? "thinking" : "output_config.effort",
        });
    }

    private static int? ReadBudget(JsonFields body)
    {
        const int Least = 1024;
        const string Path = "thinking.budget_tokens";
        if (body.Object("thinking") is not { } thinking || thinking.Text("type", 64) != "enabled")
        {
            return null;
        }

        thinking.Required("budget_tokens");
        int budget = thinking.Int32("budget_tokens", Least, GenerationParser.AnyTokenCount)!.Value;
        int? most = body.Int32("max_tokens", 1, GenerationParser.AnyTokenCount);
        return budget < (most ?? int.MaxValue)
            ? budget
            : throw ApiException.Invalid(Path, $"'{Path}' is {budget}; it must be below max_tokens, which is {most}.");
    }

    private static string? ReadEffort(JsonFields body)
    {
        const string Path = "output_config.effort";
        string? effort = body.Object("output_config")?.Text("effort", 64);
        return effort switch
        {
            null or "low" or "medium" or "high" or "xhigh" => effort,
            // The most that templates know.
            "max" => "xhigh",
            _ => throw ApiException.Invalid(Path, $"'{Path}' is '{effort}'; it must be one of low, medium, high, xhigh, max."),
        };
    }

    // The beta had the format beside output_config.
    private static OutputFormat? ReadFormat(JsonFields body) =>
        (body.Object("output_config")?.Object("format") ?? body.Object("output_format")) is { } format
            ? OutputFormatParser.ReadAnthropic(format)
            : null;

    private static string? ReadThinking(JsonFields body)
    {
        if (body.Object("thinking") is not { } thinking)
        {
            return null;
        }

        string type = JsonValues.Text(thinking.Required("type"), "thinking.type", 64);
        return type switch
        {
            "disabled" => "none",
            "adaptive" or "enabled" => "high",
            _ => throw ApiException.Invalid("thinking.type", $"'thinking.type' is '{type}'; it must be enabled, adaptive or disabled."),
        };
    }

    private static ImmutableArray<string> ReadStops(JsonFields body)
    {
        if (body.Array("stop_sequences", MaxStops) is not { } stops)
        {
            return [];
        }

        return [.. stops.EnumerateArray().Select((stop, i) =>
            JsonValues.Text(stop, $"stop_sequences[{i}]", MaxStopLength) is { Length: > 0 } text
                ? text
                : throw ApiException.Invalid($"stop_sequences[{i}]", $"'stop_sequences[{i}]' is empty."))];
    }
}
