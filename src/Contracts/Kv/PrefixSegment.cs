using System.Collections.Immutable;
using Orleans;
using XLLM.Contracts.Ids;

namespace XLLM.Contracts.Kv;

/// <summary>Blocks of a prefix tree that follow each other without a branch.</summary>
[GenerateSerializer, Immutable, Alias("xllm.PrefixSegment")]
public sealed record PrefixSegment
{
    /// <summary>Hash of its first block.</summary>
    [Id(0)] public required BlockHash First { get; init; }

    /// <summary>Index of the segment it follows in the same tree, which is before it; -1 = none, or not known.</summary>
    [Id(1)] public int Parent { get; init; } = -1;

    /// <summary>Blocks, at least one.</summary>
    [Id(2)] public int Blocks { get; init; }

    /// <summary>Times its first block was found for a request.</summary>
    [Id(3)] public long Hits { get; init; }

    /// <summary>Who holds blocks of it.</summary>
    [Id(4)] public ImmutableArray<PrefixHolder> Holders { get; init; } = [];
}
