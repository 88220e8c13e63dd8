using System.Collections.Immutable;
using Orleans;

namespace XLLM.Contracts.Requests;

/// <summary>When a generation ends. Stop strings are found at the gateway, which sees text.</summary>
[GenerateSerializer, Immutable, Alias("xllm.StopOptions")]
public sealed record StopOptions
{
    /// <summary>Most tokens to generate, >= 1. The gateway has already bounded it by the model's context.</summary>
    [Id(0)] public int MaxTokens { get; init; } = 16;

    /// <summary>End tokens are not sampled before this many tokens, >= 0.</summary>
    [Id(1)] public int MinTokens { get; init; }

    /// <summary>Tokens that end the generation: the model's own end tokens and the request's. Not part of the text.</summary>
    [Id(2)] public ImmutableArray<int> StopTokenIds { get; init; } = [];
}
