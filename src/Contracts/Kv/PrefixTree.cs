using System.Collections.Immutable;
using Orleans;

namespace XLLM.Contracts.Kv;

/// <summary>What a block owner knows, as a tree: the parts that were found most, and how much there is in all.</summary>
[GenerateSerializer, Immutable, Alias("xllm.PrefixTree")]
public sealed record PrefixTree
{
    public static PrefixTree Empty { get; } = new();

    /// <summary>Parents before those that follow them.</summary>
    [Id(0)] public ImmutableArray<PrefixSegment> Segments { get; init; } = [];

    /// <summary>Blocks known in all, also of segments that are left out.</summary>
    [Id(1)] public int Blocks { get; init; }

    /// <summary>Chains known in all: first blocks, and blocks whose parent is not known.</summary>
    [Id(2)] public int Chains { get; init; }
}
