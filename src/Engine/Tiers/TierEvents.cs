using XLLM.Contracts.Ids;
using XLLM.Contracts.Kv;
using XLLM.Contracts.Ports;
using XLLM.Engine.Transfer;

namespace XLLM.Engine.Tiers;

/// <summary>
/// Joins what the prefix cache and the tiers say of blocks: a block is told with the fastest tier it is in, so one that the pool
/// gives up and a tier has is told as moved. Also offers to the tiers what the cache has gained. Any thread.
/// </summary>
internal sealed class TierEvents(KvTiers tiers)
{
    private const int MaxRemembered = 1 << 17;

    private readonly Lock _lock = new();
    private readonly HashSet<BlockHash> _pool = [];
    private readonly RecentChains _chains = new(MaxRemembered);

    /// <summary>A chain of which blocks will be stored.</summary>
    public void Remember(KvChain chain)
    {
        lock (_lock)
        {
            _chains.Remember(chain);
        }
    }

    /// <summary>Leading blocks that the pool was last known to have.</summary>
    public int InPool(KvChain chain)
    {
        lock (_lock)
        {
            int count = 0;
            while (count < chain.Hashes.Length && _pool.Contains(chain.Hashes[count]))
            {
                count++;
            }

            return count;
        }
    }

    public BlockEventBatch Merge(BlockEventBatch batch)
    {
        lock (_lock)
        {
            List<BlockEvent> events = [];
            Dictionary<KvChain, (int First, int Last)> gained = new(ReferenceEqualityComparer.Instance);
            foreach (BlockEvent e in batch.Events)
            {
                if (e.Stored)
                {
                    _pool.Add(e.Block);
                    events.Add(e);
                    Gain(gained, e.Block);
                }
                else
                {
                    _pool.Remove(e.Block);
                    events.Add(tiers.TierOf(e.Block) is { } tier ? e with { Stored = true, Tier = tier } : e);
                }
            }

            foreach ((BlockHash root, BlockHash block) in tiers.TakeChanges())
            {
                if (!_pool.Contains(block))
                {
                    BlockTier? tier = tiers.TierOf(block);
                    events.Add(new BlockEvent(root, block, tier is not null, tier ?? BlockTier.Pool));
                }
            }

            foreach ((KvChain chain, (int first, int last)) in gained)
            {
                tiers.Offer(chain with { Hashes = chain.Hashes[..(last + 1)] }, first);
            }

            return events.Count == 0 ? BlockEventBatch.Empty : new BlockEventBatch([.. events]);
        }
    }

    /// <summary>All there is, given all that the pool has.</summary>
    public BlockEventBatch MergeList(BlockEventBatch pool)
    {
        lock (_lock)
        {
            _pool.Clear();
            _pool.UnionWith(pool.Events.Where(x => x.Stored).Select(x => x.Block));
            foreach ((BlockHash, BlockHash) _ in tiers.TakeChanges())
            {
                // The list says it.
            }

            return new BlockEventBatch(
            [
                .. pool.Events,
                .. tiers.List().Where(x => !_pool.Contains(x.Block)).Select(x => new BlockEvent(x.Root, x.Block, true, x.Tier)),
            ]);
        }
    }

    private void Gain(Dictionary<KvChain, (int First, int Last)> gained, BlockHash block)
    {
        if (_chains.TryFind(block, out (KvChain Chain, int Block) found))
        {
            gained[found.Chain] = gained.TryGetValue(found.Chain, out (int First, int Last) known)
                ? (Math.Min(known.First, found.Block), Math.Max(known.Last, found.Block))
                : (found.Block, found.Block);
        }
    }
}
