using System.Collections.Immutable;
using XLLM.Contracts.Ids;
using XLLM.Contracts.Kv;

namespace XLLM.Contracts.Ports;

/// <summary>
/// One gain or loss of the prefix cache. <c>Root</c> is the hash of the chain's first block: it names the partition. <c>Parent</c> is the
/// block before it; default = it is the first one, or that is not known.
/// </summary>
public readonly record struct BlockEvent(
    BlockHash Root, BlockHash Block, bool Stored, BlockTier Tier = BlockTier.Pool, BlockHash Parent = default);

/// <summary>Events in the order they happened.</summary>
public sealed record BlockEventBatch(ImmutableArray<BlockEvent> Events)
{
    public static BlockEventBatch Empty { get; } = new([]);
}
