using System.Text.Json;

namespace XLLM.Gateway.OpenAi.Chat;

/// <summary>One turn of a chat, checked. Parts of a content array are joined by line feeds, as vLLM does.</summary>
/// <param name="Role">system, developer, user, assistant or tool.</param>
/// <param name="Content">The text; null only for an assistant's turn of tool calls.</param>
internal sealed record ChatMessage(string Role, string? Content)
{
    public string? Name { get; init; }

    /// <summary>The call a tool's turn answers.</summary>
    public string? ToolCallId { get; init; }

    /// <summary>What an assistant thought before it answered.</summary>
    public string? Reasoning { get; init; }

    /// <summary>Calls of an assistant's turn, each <c>{type, id, function: {name, arguments}}</c>; undefined when there are none.</summary>
    public JsonElement ToolCalls { get; init; }
}
