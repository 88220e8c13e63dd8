using Orleans;

namespace XLLM.Contracts.Requests;

/// <summary>Added to the logit of one token before sampling. <c>Bias</c> is in [-100, 100].</summary>
[GenerateSerializer, Immutable, Alias("xllm.TokenBias")]
public readonly record struct TokenBias([property: Id(0)] int Token, [property: Id(1)] float Bias);
