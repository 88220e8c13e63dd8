using System.Collections.Immutable;
using Orleans;
using XLLM.Contracts.Ids;

namespace XLLM.Contracts.Requests;

/// <summary>All chunks one engine step made for one gateway: one message.</summary>
[GenerateSerializer, Immutable, Alias("xllm.TokenBatch")]
public sealed record TokenBatch
{
    [Id(0)] public required InstanceId Instance { get; init; }

    /// <summary>Number of the engine step, growing.</summary>
    [Id(1)] public long Step { get; init; }

    [Id(2)] public required ImmutableArray<TokenChunk> Chunks { get; init; }
}
