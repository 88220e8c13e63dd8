using System.Collections.Immutable;
using XLLM.Contracts.Ids;
using XLLM.Contracts.Kv;
using XLLM.Contracts.Ports;

namespace XLLM.Scheduling.Prefix;

/// <summary>Turns an engine's ordered block events into one message for each partition of the hash space.</summary>
public static class BlockEventGrouping
{
    /// <summary>
    /// A block that came, moved or went within the batch is told as it ended, so that the parts of one message never speak of
    /// the same block. Partitions ascending.
    /// </summary>
    public static ImmutableArray<(long Partition, BlockEvents Events)> ByPartition(
        InstanceId instance, long epoch, BlockEventBatch batch, Func<BlockHash, long> partitionOf)
    {
        SortedDictionary<long, Dictionary<BlockHash, BlockEvent>> last = [];
        foreach (BlockEvent e in batch.Events)
        {
            long partition = partitionOf(e.Root);
            if (!last.TryGetValue(partition, out Dictionary<BlockHash, BlockEvent>? blocks))
            {
                last.Add(partition, blocks = []);
            }

            blocks[e.Block] = e;
        }

        return [.. last.Select(x => (x.Key, new BlockEvents
        {
            Instance = instance,
            Epoch = epoch,
            Stored = [.. x.Value.Values.Where(e => e.Stored && e.Tier == BlockTier.Pool).Select(e => e.Block)],
            Parents = [.. x.Value.Values.Where(e => e.Stored && e.Tier == BlockTier.Pool).Select(e => e.Parent)],
            Moved = [.. x.Value.Values.Where(e => e.Stored && e.Tier != BlockTier.Pool).Select(e => new BlockMove(e.Block, e.Tier))],
            Removed = [.. x.Value.Values.Where(e => !e.Stored).Select(e => e.Block)],
        }))];
    }
}
