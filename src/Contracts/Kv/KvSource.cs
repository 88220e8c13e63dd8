namespace XLLM.Contracts.Kv;

/// <summary>Where KV that a request can begin with is, or will be. What does not come is recomputed.</summary>
[GenerateSerializer, Immutable, Alias("xllm.KvSource")]
public sealed record KvSource
{
    [Id(0)] public required KvEndpoint Endpoint { get; init; }

    /// <summary>Leading blocks of the request's chain (prompt, then what is resumed) that it is believed to have or to make.</summary>
    [Id(1)] public int Blocks { get; init; }

    /// <summary>True: that instance computes the prompt now and pushes the blocks. False: it has them; ask for them.</summary>
    [Id(2)] public bool IsPush { get; init; }
}
