namespace XLLM.Contracts.Fleet;

/// <summary>Time of a step that decoded a batch of so many sequences holding so many tokens of KV together.</summary>
[GenerateSerializer, Immutable, Alias("xllm.DecodeSample")]
public readonly record struct DecodeSample(
    [property: Id(0)] long KvTokens, [property: Id(1)] int Batch, [property: Id(2)] double Seconds);
