using System.Collections.Immutable;
using XLLM.Contracts.Ids;
using XLLM.Contracts.Kv;

namespace XLLM.Scheduling.Prefix;

/// <summary>
/// Who is believed to hold which KV blocks, and in which tier. A hint, never a promise: the engine compares tokens before it
/// shares a block. Not safe for several threads; its owner guards it.
/// </summary>
/// <param name="maxBlocks">Most blocks to know; beyond, those that were not asked for for longest are forgotten.</param>
public sealed class BlockOwnerIndex(int maxBlocks = int.MaxValue)
{
    private readonly Dictionary<BlockHash, OwnedBlock> _blocks = [];
    private readonly Dictionary<InstanceId, Holding> _holdings = [];
    private readonly OwnedBlockList _order = new();

    /// <summary>Blocks somebody holds.</summary>
    public int Blocks => _blocks.Count;

    /// <summary>
    /// Applies gains, then moves between tiers, then losses. A newer epoch first forgets what the older one held. Messages of an
    /// epoch are numbered from 1: one that came before changes nothing, and one that skips a number is refused, unless it is whole. One
    /// without a number (0) is taken as it is.
    /// </summary>
    public OwnerUpdate Update(BlockEvents events)
    {
        if (_holdings.TryGetValue(events.Instance, out Holding? holding) && holding.Epoch > events.Epoch)
        {
            return OwnerUpdate.Stale;
        }

        long known = holding?.Epoch == events.Epoch ? holding.Sequence : 0;
        if (!events.IsWhole && events.Sequence > known + 1)
        {
            return OwnerUpdate.Gap;
        }

        if (events.Sequence > 0 && events.Sequence <= known)
        {
            return OwnerUpdate.Applied;
        }

        if (holding is not null && (holding.Epoch != events.Epoch || events.IsWhole))
        {
            Drop(events.Instance, holding);
            holding = null;
        }

        if (holding is null)
        {
            holding = new Holding(events.Epoch);
            _holdings.Add(events.Instance, holding);
        }

        holding.Sequence = Math.Max(known, events.Sequence);
        Apply(events, holding);
        return OwnerUpdate.Applied;
    }

    /// <summary>
    /// For each instance, how many leading blocks of the chain it holds, by tier; a gap ends its run. Instances without the first
    /// block are left out. Longest first, then by instance id (ordinal).
    /// </summary>
    public ImmutableArray<PrefixHit> Find(ReadOnlySpan<BlockHash> chain)
    {
        if (chain.IsEmpty || !_blocks.TryGetValue(chain[0], out OwnedBlock? first))
        {
            return [];
        }

        Dictionary<InstanceId, Lead> leads = [];
        List<InstanceId> running = [.. first.Holders.Keys];
        List<OwnedBlock> met = [];
        for (int depth = 0; depth < chain.Length && running.Count > 0; depth++)
        {
            if (!_blocks.TryGetValue(chain[depth], out OwnedBlock? block))
            {
                break;
            }

            met.Add(block);
            for (int i = running.Count - 1; i >= 0; i--)
            {
                if (block.Holders.TryGetValue(running[i], out BlockTier tier))
                {
                    leads[running[i]] = leads.GetValueOrDefault(running[i]).With(tier, depth);
                }
                else
                {
                    running.RemoveAt(i);
                }
            }
        }

        // The first block of a chain is of use to most prompts: it ends up as the newest, and the tail is forgotten before it.
        for (int i = met.Count - 1; i >= 0; i--)
        {
            _order.Touch(met[i]);
            met[i].Hits++;
        }

        List<PrefixHit> hits = [.. leads.Select(x => x.Value.ToHit(x.Key))];
        hits.Sort(Compare);
        return [.. hits];
    }

    /// <summary>What is known as a tree of at most so many segments, those that were found most.</summary>
    public PrefixTree Tree(int maxSegments) => new PrefixTreeBuilder(_blocks).Build(maxSegments);

    /// <summary>Forgets all that this epoch of an instance, or an older one, held.</summary>
    public void Forget(InstanceId instance, long epoch = long.MaxValue)
    {
        if (_holdings.TryGetValue(instance, out Holding? holding) && holding.Epoch <= epoch)
        {
            Drop(instance, holding);
        }
    }

    /// <summary>Faults between the two directions of the index; empty = sound.</summary>
    public IReadOnlyList<string> CheckIntegrity()
    {
        List<string> faults = [];
        foreach ((BlockHash hash, OwnedBlock block) in _blocks)
        {
            if (block.Holders.Count == 0)
            {
                faults.Add($"block owners: {hash} is listed without a holder");
            }

            foreach (InstanceId holder in block.Holders.Keys)
            {
                if (!_holdings.TryGetValue(holder, out Holding? holding) || !holding.Blocks.Contains(hash))
                {
                    faults.Add($"block owners: {hash} lists {holder}, which does not list it");
                }
            }
        }

        foreach ((InstanceId instance, Holding holding) in _holdings)
        {
            foreach (BlockHash hash in holding.Blocks)
            {
                if (!_blocks.TryGetValue(hash, out OwnedBlock? block) || !block.Holders.ContainsKey(instance))
                {
                    faults.Add($"block owners: {instance} lists {hash}, which does not list it");
                }
            }
        }

        int ordered = 0;
        for (OwnedBlock? block = _order.Oldest; block is not null; block = block.Newer)
        {
            ordered++;
        }

        if (ordered != _blocks.Count || _order.Count != _blocks.Count || _blocks.Count > maxBlocks)
        {
            faults.Add($"block owners: {_blocks.Count} blocks (at most {maxBlocks}), {ordered} in order, {_order.Count} counted");
        }

        return faults;
    }

    private static int Compare(PrefixHit a, PrefixHit b)
    {
        int order = b.Blocks.CompareTo(a.Blocks);
        order = order != 0 ? order : b.WithHost.CompareTo(a.WithHost);
        order = order != 0 ? order : b.WithDisk.CompareTo(a.WithDisk);
        return order != 0 ? order : string.CompareOrdinal(a.Instance.Value, b.Instance.Value);
    }

    private void Apply(BlockEvents events, Holding holding)
    {
        // From the last to the first: parents come before their children in a message and are to be forgotten after them.
        bool parents = events.Parents is { IsDefault: false } told && told.Length == events.Stored.Length;
        for (int i = events.Stored.Length - 1; i >= 0; i--)
        {
            OwnedBlock block = Put(events.Stored[i], events.Instance, holding, BlockTier.Pool);
            if (parents && events.Parents[i] != default)
            {
                block.Parent = events.Parents[i];
            }
        }

        for (int i = events.Moved.Length - 1; i >= 0; i--)
        {
            Put(events.Moved[i].Block, events.Instance, holding, events.Moved[i].Tier);
        }

        foreach (BlockHash block in events.Removed)
        {
            if (holding.Blocks.Remove(block))
            {
                Leave(_blocks[block], events.Instance);
            }
        }

        while (_blocks.Count > maxBlocks)
        {
            OwnedBlock oldest = _order.Oldest!;
            foreach (InstanceId holder in oldest.Holders.Keys.ToArray())
            {
                _holdings[holder].Blocks.Remove(oldest.Hash);
                Leave(oldest, holder);
            }
        }
    }

    private OwnedBlock Put(BlockHash hash, InstanceId instance, Holding holding, BlockTier tier)
    {
        if (!_blocks.TryGetValue(hash, out OwnedBlock? block))
        {
            _blocks.Add(hash, block = new OwnedBlock(hash));
            _order.Add(block);
        }
        else
        {
            _order.Touch(block);
        }

        holding.Blocks.Add(hash);
        block.Holders[instance] = tier;
        return block;
    }

    private void Leave(OwnedBlock block, InstanceId instance)
    {
        block.Holders.Remove(instance);
        if (block.Holders.Count == 0)
        {
            _blocks.Remove(block.Hash);
            _order.Remove(block);
        }
    }

    private void Drop(InstanceId instance, Holding holding)
    {
        _holdings.Remove(instance);
        foreach (BlockHash hash in holding.Blocks)
        {
            Leave(_blocks[hash], instance);
        }
    }

    private sealed class Holding(long epoch)
    {
        public long Epoch { get; } = epoch;

        /// <summary>Number of the last message that was applied.</summary>
        public long Sequence { get; set; }

        public HashSet<BlockHash> Blocks { get; } = [];
    }

    /// <summary>Leading blocks of a chain that an instance holds: in its pool, in pool or host memory, in any tier.</summary>
    private readonly record struct Lead(int Pool, int Host, int Any)
    {
        // A tier's run goes on only while nothing before was in a slower one.
        public Lead With(BlockTier tier, int depth) => new(
            tier == BlockTier.Pool && Pool == depth ? depth + 1 : Pool,
            tier <= BlockTier.Host && Host == depth ? depth + 1 : Host,
            depth + 1);

        public PrefixHit ToHit(InstanceId instance) => new(instance, Pool) { WithHost = Host, WithDisk = Any };
    }
}
