using System.Collections.Immutable;
using XLLM.Contracts.Ids;
using XLLM.Contracts.Kv;

namespace XLLM.Scheduling.Prefix;

/// <summary>
/// Who is believed to hold which KV blocks. A hint, never a promise: the engine compares tokens before it shares a block. Not
/// safe for several threads; its owner guards it.
/// </summary>
public sealed class BlockOwnerIndex
{
    private readonly Dictionary<BlockHash, HashSet<InstanceId>> _holders = [];
    private readonly Dictionary<InstanceId, Holding> _holdings = [];

    /// <summary>Blocks somebody holds.</summary>
    public int Blocks => _holders.Count;

    /// <summary>
    /// Applies gains, then losses. A newer epoch first forgets what the older one held; events of an older epoch are dropped
    /// with <c>false</c>.
    /// </summary>
    public bool Update(BlockEvents events)
    {
        if (_holdings.TryGetValue(events.Instance, out Holding? holding) && holding.Epoch != events.Epoch)
        {
            if (holding.Epoch > events.Epoch)
            {
                return false;
            }

            Forget(events.Instance);
            holding = null;
        }

        if (holding is null)
        {
            holding = new Holding(events.Epoch);
            _holdings.Add(events.Instance, holding);
        }

        foreach (BlockHash block in events.Stored)
        {
            if (holding.Blocks.Add(block))
            {
                if (!_holders.TryGetValue(block, out HashSet<InstanceId>? holders))
                {
                    _holders.Add(block, holders = []);
                }

                holders.Add(events.Instance);
            }
        }

        foreach (BlockHash block in events.Removed)
        {
            if (holding.Blocks.Remove(block))
            {
                Drop(block, events.Instance);
            }
        }

        return true;
    }

    /// <summary>
    /// For each instance, how many leading blocks of the chain it holds; a gap ends its run. Instances without the first block
    /// are left out. Longest first, then by instance id (ordinal).
    /// </summary>
    public ImmutableArray<PrefixHit> Find(ReadOnlySpan<BlockHash> chain)
    {
        if (chain.IsEmpty || !_holders.TryGetValue(chain[0], out HashSet<InstanceId>? first))
        {
            return [];
        }

        List<InstanceId> running = [.. first];
        List<PrefixHit> hits = new(running.Count);
        for (int depth = 1; depth < chain.Length && running.Count > 0; depth++)
        {
            _holders.TryGetValue(chain[depth], out HashSet<InstanceId>? holders);
            for (int i = running.Count - 1; i >= 0; i--)
            {
                if (holders is null || !holders.Contains(running[i]))
                {
                    hits.Add(new PrefixHit(running[i], depth));
                    running.RemoveAt(i);
                }
            }
        }

        foreach (InstanceId instance in running)
        {
            hits.Add(new PrefixHit(instance, chain.Length));
        }

        hits.Sort(static (a, b) => a.Blocks != b.Blocks
            ? b.Blocks.CompareTo(a.Blocks)
            : string.CompareOrdinal(a.Instance.Value, b.Instance.Value));
        return [.. hits];
    }

    /// <summary>Forgets all an instance held.</summary>
    public void Forget(InstanceId instance)
    {
        if (_holdings.Remove(instance, out Holding? holding))
        {
            foreach (BlockHash block in holding.Blocks)
            {
                Drop(block, instance);
            }
        }
    }

    /// <summary>Faults between the two directions of the index; empty = sound.</summary>
    public IReadOnlyList<string> CheckIntegrity()
    {
        List<string> faults = [];
        foreach ((BlockHash block, HashSet<InstanceId> holders) in _holders)
        {
            if (holders.Count == 0)
            {
                faults.Add($"block owners: {block} is listed without a holder");
            }

            foreach (InstanceId holder in holders)
            {
                if (!_holdings.TryGetValue(holder, out Holding? holding) || !holding.Blocks.Contains(block))
                {
                    faults.Add($"block owners: {block} lists {holder}, which does not list it");
                }
            }
        }

        foreach ((InstanceId instance, Holding holding) in _holdings)
        {
            foreach (BlockHash block in holding.Blocks)
            {
                if (!_holders.TryGetValue(block, out HashSet<InstanceId>? holders) || !holders.Contains(instance))
                {
                    faults.Add($"block owners: {instance} lists {block}, which does not list it");
                }
            }
        }

        return faults;
    }

    private void Drop(BlockHash block, InstanceId instance)
    {
        HashSet<InstanceId> holders = _holders[block];
        holders.Remove(instance);
        if (holders.Count == 0)
        {
            _holders.Remove(block);
        }
    }

    private sealed class Holding(long epoch)
    {
        public long Epoch { get; } = epoch;

        public HashSet<BlockHash> Blocks { get; } = [];
    }
}
