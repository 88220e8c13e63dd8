using System.Collections.Immutable;
using Orleans;
using XLLM.Contracts.Ids;

namespace XLLM.Contracts.Kv;

/// <summary>Blocks an instance's prefix cache gained and lost since the last message. Within one message gains come first.</summary>
[GenerateSerializer, Immutable, Alias("xllm.BlockEvents")]
public sealed record BlockEvents
{
    [Id(0)] public required InstanceId Instance { get; init; }

    [Id(1)] public required long Epoch { get; init; }

    [Id(2)] public ImmutableArray<BlockHash> Stored { get; init; } = [];

    [Id(3)] public ImmutableArray<BlockHash> Removed { get; init; } = [];

    /// <summary>Blocks that went to another tier.</summary>
    [Id(4)] public ImmutableArray<BlockMove> Moved { get; init; } = [];

    /// <summary>Grows by one with each message of the instance to this owner; a gap means that one was lost.</summary>
    [Id(5)] public long Sequence { get; init; }

    /// <summary>The message names everything the instance holds in this partition; what is not named is gone.</summary>
    [Id(6)] public bool IsWhole { get; init; }

    /// <summary>The block before each of <see cref="Stored"/>, default = it is a first one; empty = they are not told.</summary>
    [Id(7)] public ImmutableArray<BlockHash> Parents { get; init; } = [];
}
