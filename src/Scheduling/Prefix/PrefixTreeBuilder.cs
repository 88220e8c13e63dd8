using System.Collections.Immutable;
using XLLM.Contracts.Ids;
using XLLM.Contracts.Kv;

namespace XLLM.Scheduling.Prefix;

/// <summary>Makes a tree of bounded size from blocks that know their parents: runs without a branch become one segment. Pure.</summary>
internal sealed class PrefixTreeBuilder
{
    private readonly IReadOnlyDictionary<BlockHash, OwnedBlock> _blocks;
    private readonly Dictionary<BlockHash, List<OwnedBlock>> _children = [];
    private readonly List<OwnedBlock> _roots = [];

    public PrefixTreeBuilder(IReadOnlyDictionary<BlockHash, OwnedBlock> blocks)
    {
        _blocks = blocks;
        foreach (OwnedBlock block in blocks.Values)
        {
            if (block.Parent is not { } parent || !blocks.ContainsKey(parent) || parent == block.Hash)
            {
                _roots.Add(block);
            }
            else if (_children.TryGetValue(parent, out List<OwnedBlock>? siblings))
            {
                siblings.Add(block);
            }
            else
            {
                _children.Add(parent, [block]);
            }
        }
    }

    /// <summary>At most <paramref name="maxSegments"/> segments: those that were found most first, then by hash.</summary>
    public PrefixTree Build(int maxSegments)
    {
        var segments = ImmutableArray.CreateBuilder<PrefixSegment>();
        PriorityQueue<(OwnedBlock Block, int Parent), (long Hits, BlockHash Hash)> open =
            new(Comparer<(long Hits, BlockHash Hash)>.Create(Compare));
        foreach (OwnedBlock root in _roots)
        {
            open.Enqueue((root, -1), (root.Hits, root.Hash));
        }

        while (segments.Count < maxSegments && open.TryDequeue(out (OwnedBlock Block, int Parent) next, out _))
        {
            OwnedBlock last = Add(segments, next.Block, next.Parent);
            foreach (OwnedBlock child in _children.GetValueOrDefault(last.Hash, []))
            {
                open.Enqueue((child, segments.Count - 1), (child.Hits, child.Hash));
            }
        }

        return new PrefixTree { Segments = segments.DrainToImmutable(), Blocks = _blocks.Count, Chains = _roots.Count };
    }

    // The last block of the run that begins here.
    private OwnedBlock Add(ImmutableArray<PrefixSegment>.Builder segments, OwnedBlock first, int parent)
    {
        SortedDictionary<string, (int Pool, int Host, int Disk)> holders = new(StringComparer.Ordinal);
        int blocks = 0;
        OwnedBlock last = first;
        while (true)
        {
            blocks++;
            foreach ((InstanceId instance, BlockTier tier) in last.Holders)
            {
                (int pool, int host, int disk) = holders.GetValueOrDefault(instance.Value);
                holders[instance.Value] = tier switch
                {
                    BlockTier.Pool => (pool + 1, host, disk),
                    BlockTier.Host => (pool, host + 1, disk),
                    _ => (pool, host, disk + 1),
                };
            }

            // No chain is longer than all blocks: what claims to be its own ancestor ends here.
            if (_children.GetValueOrDefault(last.Hash) is not [var only] || blocks >= _blocks.Count)
            {
                break;
            }

            last = only;
        }

        segments.Add(new PrefixSegment
        {
            First = first.Hash,
            Parent = parent,
            Blocks = blocks,
            Hits = first.Hits,
            Holders = [.. holders.Select(h => new PrefixHolder(new InstanceId(h.Key), h.Value.Pool, h.Value.Host, h.Value.Disk))],
        });
        return last;
    }

    private static int Compare((long Hits, BlockHash Hash) a, (long Hits, BlockHash Hash) b)
    {
        int order = b.Hits.CompareTo(a.Hits);
        order = order != 0 ? order : a.Hash.High.CompareTo(b.Hash.High);
        return order != 0 ? order : a.Hash.Low.CompareTo(b.Hash.Low);
    }
}
