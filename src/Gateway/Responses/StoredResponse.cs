using System.Collections.Immutable;

namespace XLLM.Gateway.Responses;

/// <summary>A response as it is kept. Immutable.</summary>
internal sealed record StoredResponse
{
    public required string Id { get; init; }

    /// <summary>Name of the API key it belongs to; empty without keys.</summary>
    public required string Owner { get; init; }

    /// <summary>The response.</summary>
    public required string Json { get; init; }

    /// <summary>Items of its request.</summary>
    public required ImmutableArray<string> Input { get; init; }

    /// <summary>All items up to and with its output.</summary>
    public required ImmutableArray<string> Transcript { get; init; }

    /// <summary>It was made in the background.</summary>
    public bool Background { get; init; }

    /// <summary>It is not over yet.</summary>
    public bool Running { get; init; }

    /// <summary>Characters it keeps alive.</summary>
    public long Size => Json.Length + Input.Sum(i => (long)i.Length) + Transcript.Sum(i => (long)i.Length);
}
