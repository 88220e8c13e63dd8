using System.Collections.Immutable;
using System.Text.Json;
using XLLM.Gateway.Generation;
using XLLM.Gateway.OpenAi.Chat;

namespace XLLM.Gateway.Responses;

/// <summary>A request to /v1/responses, checked. Its JSON outlives the HTTP request.</summary>
internal sealed record ResponseRequest
{
    public required GenerationParameters Parameters { get; init; }

    public required ChatPrompt Prompt { get; init; }

    /// <summary>Items of this request, JSON with an id each.</summary>
    public required ImmutableArray<string> Input { get; init; }

    /// <summary>Items of all earlier turns and of this request.</summary>
    public required ImmutableArray<string> Transcript { get; init; }

    public string? PreviousId { get; init; }

    public string? Instructions { get; init; }

    /// <summary>Keep the response for later requests.</summary>
    public bool Store { get; init; } = true;

    /// <summary>Answer at once and go on without the client.</summary>
    public bool Background { get; init; }

    /// <summary>As given; undefined when absent.</summary>
    public JsonElement Tools { get; init; }

    /// <summary>As given; undefined when absent.</summary>
    public JsonElement Metadata { get; init; }

    /// <summary>As given; undefined when absent.</summary>
    public JsonElement ToolChoice { get; init; }

    /// <summary><c>text.format</c> as given; undefined when absent.</summary>
    public JsonElement TextFormat { get; init; }
}
