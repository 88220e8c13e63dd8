using System.Text.Json;
using XLLM.Contracts.Requests;
using XLLM.Gateway.Streaming;

namespace XLLM.Gateway.Anthropic;

/// <summary>Parts of messages that whole answers and events share.</summary>
internal static class MessageJson
{
    public static string StopReasonOf(Choice choice) =>
        choice.Outcome == RequestOutcome.CompletedLength ? "max_tokens"
        : choice.StopString is not null ? "stop_sequence"
        : choice.ToolCalls > 0 ? "tool_use"
        : "end_turn";

    /// <summary>stop_reason and stop_sequence; null while it runs.</summary>
    public static void WriteStop(Utf8JsonWriter json, Choice choice)
    {
        json.WriteString("stop_reason", choice.Outcome == RequestOutcome.None ? null : StopReasonOf(choice));
        json.WriteString("stop_sequence", choice.StopString);
    }

    /// <summary>Tokens read from the cache do not count as input; they are known at the end.</summary>
    public static void WriteUsage(Utf8JsonWriter json, Choice choice)
    {
        json.WriteStartObject("usage");
        json.WriteNumber("input_tokens", choice.Request.PromptTokens.Length - choice.CachedTokens);
        json.WriteNumber("cache_creation_input_tokens", 0);
        json.WriteNumber("cache_read_input_tokens", choice.CachedTokens);
        json.WriteNumber("output_tokens", choice.GeneratedTokens);
        json.WriteEndObject();
    }

    /// <summary>The fields before a message's content.</summary>
    public static void WriteHead(Utf8JsonWriter json, string id, string model)
    {
        json.WriteString("id", id);
        json.WriteString("type", "message");
        json.WriteString("role", "assistant");
        json.WriteString("model", model);
    }

    public static bool IsObject(string arguments)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(arguments);
            return document.RootElement.ValueKind == JsonValueKind.Object;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
