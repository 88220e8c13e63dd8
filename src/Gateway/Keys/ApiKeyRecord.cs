using System.Text.Json.Serialization;
using XLLM.Contracts.Requests;
using XLLM.Gateway.Generation;

namespace XLLM.Gateway.Keys;

/// <summary>An API key as it is kept: its hash, never the key. Null limits = without limit.</summary>
public sealed record ApiKeyRecord
{
    /// <summary>1 to 64 letters, digits, dots, hyphens and underscores; unique.</summary>
    [JsonPropertyName("name")]
    public required string Name { get; init; }

    /// <summary>SHA-256 of the key, 64 hexadecimal digits. Keys have 256 random bits, so that no slower hash is needed.</summary>
    [JsonPropertyName("sha256")]
    public required string Hash { get; init; }

    /// <summary>When it was made.</summary>
    [JsonPropertyName("created")]
    public DateTimeOffset Created { get; init; }

    /// <summary>Requests a minute, 1 to 1,000,000.</summary>
    [JsonPropertyName("requests_per_minute")]
    public int? RequestsPerMinute { get; init; }

    /// <summary>Prompt and generated tokens a minute, 1 to 1,000,000,000; counted when an answer ends.</summary>
    [JsonPropertyName("tokens_per_minute")]
    public int? TokensPerMinute { get; init; }

    /// <summary>Requests at a time, 1 to 1,000,000.</summary>
    [JsonPropertyName("concurrency")]
    public int? Concurrency { get; init; }

    /// <summary>Its requests give way to all others, as those with <c>service_tier</c> flex.</summary>
    [JsonPropertyName("batch")]
    public bool IsBatch { get; init; }

    /// <summary>It may manage keys and look at the requests of all of them.</summary>
    [JsonPropertyName("admin")]
    public bool IsAdmin { get; init; }

    /// <summary>The highest class its requests may have: interactive, normal or batch; null = interactive.</summary>
    [JsonPropertyName("priority")]
    public string? Priority { get; init; }

    /// <summary>Requests that ask for more get this.</summary>
    [JsonIgnore]
    public RequestPriority HighestPriority =>
        IsBatch ? RequestPriority.Offline : PriorityNames.Parse(Priority) ?? RequestPriority.Interactive;
}
