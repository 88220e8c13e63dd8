using XLLM.Contracts.Ids;
using XLLM.Contracts.Kv;

namespace XLLM.Scheduling.Prefix;

/// <summary>A block somebody holds, in the index's list of blocks by when they were last asked for.</summary>
internal sealed class OwnedBlock(BlockHash hash)
{
    public BlockHash Hash { get; } = hash;

    /// <summary>Who holds it, and in which tier.</summary>
    public Dictionary<InstanceId, BlockTier> Holders { get; } = new(1);

    /// <summary>The block before it; null = it is a first one, or that is not known.</summary>
    public BlockHash? Parent { get; set; }

    /// <summary>Times it was found for a request.</summary>
    public long Hits { get; set; }

    public OwnedBlock? Older { get; set; }

    public OwnedBlock? Newer { get; set; }
}
