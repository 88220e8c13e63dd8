using System.Collections.Immutable;
using Orleans;
using XLLM.Contracts.Ids;

namespace XLLM.Contracts.Requests;

/// <summary>
/// All chunks one engine step made for one gateway: one message. When the gateway was slow to answer, those of several steps,
/// in order.
/// </summary>
[GenerateSerializer, Immutable, Alias("xllm.TokenBatch")]
public sealed record TokenBatch
{
    [Id(0)] public required InstanceId Instance { get; init; }

    /// <summary>Number of the newest engine step in it, growing; 0 when no engine made it.</summary>
    [Id(1)] public long Step { get; init; }

    [Id(2)] public required ImmutableArray<TokenChunk> Chunks { get; init; }
}
