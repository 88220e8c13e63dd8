namespace XLLM.Contracts.Fleet;

/// <summary>Time a prompt of so many tokens took to its first token, without waiting; <c>CachedTokens</c> of them were not computed.</summary>
[GenerateSerializer, Immutable, Alias("xllm.PrefillSample")]
public readonly record struct PrefillSample(
    [property: Id(0)] int Tokens, [property: Id(1)] int CachedTokens, [property: Id(2)] double Seconds);
