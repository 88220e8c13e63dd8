namespace XLLM.Contracts.Fleet;

/// <summary>Time in which a prompt of so many tokens was computed, without waiting; <c>CachedTokens</c> of them were held already.</summary>
[GenerateSerializer, Immutable, Alias("xllm.PrefillSample")]
public readonly record struct PrefillSample(
    [property: Id(0)] int Tokens, [property: Id(1)] int CachedTokens, [property: Id(2)] double Seconds)
{
    /// <summary>Sequences that decoded a token meanwhile; their share of the time is still in it.</summary>
    [Id(3)] public int Decodes { get; init; }

    /// <summary>Tokens of KV those held.</summary>
    [Id(4)] public long KvTokens { get; init; }
}
