using System.Text.Json.Serialization;

namespace XLLM.Gateway.Keys;

/// <summary>The file of keys.</summary>
internal sealed record ApiKeyDocument
{
    [JsonPropertyName("keys")]
    public required List<ApiKeyRecord> Keys { get; init; }
}
