using System.Collections.Immutable;
using Orleans;
using Orleans.Concurrency;
using XLLM.Contracts.Ids;
using XLLM.Contracts.Kv;

namespace XLLM.Contracts.Grains;

/// <summary>
/// Owns the knowledge of who holds which KV blocks, for one partition of the hash space. Key: partition number in
/// [0, <see cref="Partitions"/>). The partition of a prompt is that of its first block, so that one owner knows all of it.
/// </summary>
[Alias("xllm.IKvBlockOwnerGrain")]
public interface IKvBlockOwnerGrain : IGrainWithIntegerKey
{
    /// <summary>Partitions of the hash space.</summary>
    const int Partitions = 16;

    /// <summary>Partition of a block chain, by the hash of its first block.</summary>
    static long PartitionOf(BlockHash root) => (long)(root.High % Partitions);

    /// <summary>
    /// Blocks gained and lost by an instance, for chains of this partition. A new epoch forgets what the older one held. False:
    /// messages before this one are missing here (a lost one, or a new activation); send everything, with <c>IsWhole</c>.
    /// </summary>
    [Alias("Update")]
    Task<bool> UpdateAsync(BlockEvents events);

    /// <summary>Leading blocks of the chain that each instance holds; instances without any are left out.</summary>
    [ReadOnly]
    [Alias("Find")]
    Task<ImmutableArray<PrefixHit>> FindAsync(ImmutableArray<BlockHash> chain);

    /// <summary>What it knows as a tree of at most so many segments (1 to 2,000), those that were found most.</summary>
    [ReadOnly]
    [Alias("GetTree")]
    Task<PrefixTree> GetTreeAsync(int maxSegments);

    /// <summary>Forgets what this epoch of an instance, or an older one, held.</summary>
    [Alias("Forget")]
    Task ForgetAsync(InstanceId instance, long epoch);
}
