using System.Collections.Immutable;
using Orleans;

namespace XLLM.Contracts.Requests;

/// <summary>One token of a continuation, or of an echoed prompt.</summary>
[GenerateSerializer, Immutable, Alias("xllm.GeneratedToken")]
public readonly record struct GeneratedToken
{
    public GeneratedToken(int id)
    {
        Id = id;
    }

    [Id(0)] public int Id { get; init; }

    /// <summary>Natural log of its probability; null when not asked for, and for a prompt's first token.</summary>
    [Id(1)] public float? Logprob { get; init; }

    /// <summary>The best tokens, best first; default when not asked for.</summary>
    [Id(2)] public ImmutableArray<TokenLogprob> Top { get; init; }
}
