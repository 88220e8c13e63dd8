using Orleans;

namespace XLLM.Contracts.Requests;

/// <summary>Natural log of a token's probability.</summary>
[GenerateSerializer, Immutable, Alias("xllm.TokenLogprob")]
public readonly record struct TokenLogprob([property: Id(0)] int Token, [property: Id(1)] float Logprob);
