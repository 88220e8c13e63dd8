using System.Collections.Immutable;
using System.Text.Json;
using XLLM.Contracts.Requests;
using XLLM.Gateway.Streaming;

namespace XLLM.Gateway.OpenAi;

/// <summary>Outcomes in the words of the API.</summary>
internal static class FinishReasons
{
    /// <summary>stop, tool_calls or length; null while a choice runs.</summary>
    public static string? Of(RequestOutcome outcome, int toolCalls = 0) => outcome switch
    {
        RequestOutcome.None => null,
        RequestOutcome.CompletedStop => toolCalls > 0 ? "tool_calls" : "stop",
        RequestOutcome.CompletedLength => "length",
        _ => throw new InvalidOperationException($"{outcome} is not a finish reason."),
    };

    /// <summary>
    /// finish_reason, and vLLM's stop_reason: the stop string, or the request's own stop token, or null (the model's end too).
    /// </summary>
    public static void Write(Utf8JsonWriter json, Choice choice, ImmutableArray<int> endTokens)
    {
        json.WriteString(Names.FinishReason, Of(choice.Outcome, choice.ToolCalls));
        if (choice.StopString is { } text)
        {
            json.WriteString(Names.StopReason, text);
        }
        else if (choice.StopToken is { } token && !endTokens.Contains(token))
        {
            json.WriteNumber(Names.StopReason, token);
        }
        else
        {
            json.WriteNull(Names.StopReason);
        }
    }
}
