using System.Collections.Immutable;
using XLLM.Contracts.Ids;
using XLLM.Contracts.Kv;
using XLLM.Scheduling.Prefix;

namespace XLLM.Scheduling.Tests.Prefix;

public sealed class PrefixTreeTests
{
    private static readonly InstanceId One = InstanceId.Of("a", "cpu0");
    private static readonly InstanceId Two = InstanceId.Of("b", "cpu0");
    private readonly BlockOwnerIndex _index = new();

    [Fact]
    public void Runs_without_a_branch_are_one_segment_and_a_branch_begins_two()
    {
        Store(One, (1, 0), (2, 1), (3, 2), (4, 2), (5, 4));
        Store(Two, (1, 0), (2, 1), (4, 2));
        Find(1, 2, 4);
        Find(1, 2, 4);
        Find(1);

        PrefixTree tree = _index.Tree(100);

        Assert.Equal((5, 1), (tree.Blocks, tree.Chains));
        Assert.Equal(["1: 2 after -1, 3 hits, a/cpu0 2 0 0, b/cpu0 2 0 0", "4: 2 after 0, 2 hits, a/cpu0 2 0 0, b/cpu0 1 0 0", "3: 1 after 0, 0 hits, a/cpu0 1 0 0"],
            tree.Segments.Select(Show));
    }

    [Fact]
    public void Tiers_are_counted_and_a_block_keeps_its_parent_when_it_moves()
    {
        Store(One, (1, 0), (2, 1), (3, 2));
        _index.Update(new BlockEvents
        {
            Instance = One, Epoch = 1, Moved = [new BlockMove(Hash(2), BlockTier.Host), new BlockMove(Hash(3), BlockTier.Disk)],
        });
        Assert.Equal(["1: 3 after -1, 0 hits, a/cpu0 1 1 1"], _index.Tree(100).Segments.Select(Show));
    }

    [Fact]
    public void Of_many_those_that_were_found_most_are_told_and_all_are_counted()
    {
        for (int i = 1; i <= 50; i++)
        {
            Store(One, (i, 0), (100 + i, i));
        }

        Find(7, 107);
        Find(7);
        Find(9);
        PrefixTree tree = _index.Tree(2);
        Assert.Equal((100, 50), (tree.Blocks, tree.Chains));
        Assert.Equal([Hash(7), Hash(9)], tree.Segments.Select(s => s.First));
    }

    [Fact]
    public void A_block_whose_parent_is_gone_or_not_told_begins_a_chain()
    {
        Store(One, (1, 0), (2, 1), (3, 2));
        _index.Update(new BlockEvents { Instance = One, Epoch = 1, Removed = [Hash(2)] });
        _index.Update(new BlockEvents { Instance = One, Epoch = 1, Stored = [Hash(9)] });
        Assert.Equal([-1, -1, -1], _index.Tree(100).Segments.Select(s => s.Parent));
    }

    [Fact]
    public void Parents_that_lie_make_no_endless_tree()
    {
        // A ring has no first block and is not shown; a block that is its own parent is one.
        Store(One, (1, 2), (2, 1), (3, 3), (4, 3));
        PrefixTree tree = _index.Tree(100);
        Assert.Equal(["3: 2 after -1, 0 hits, a/cpu0 2 0 0"], tree.Segments.Select(Show));
        // A message whose parents do not fit its blocks tells none.
        _index.Update(new BlockEvents { Instance = Two, Epoch = 1, Stored = [Hash(8), Hash(9)], Parents = [Hash(8)] });
        Assert.Equal(2, _index.Tree(100).Segments.Count(s => s.Holders[0].Instance == Two));
    }

    private static string Show(PrefixSegment s) =>
        $"{s.First.Low}: {s.Blocks} after {s.Parent}, {s.Hits} hits, {string.Join(", ", s.Holders.Select(h => $"{h.Instance} {h.Pool} {h.Host} {h.Disk}"))}";

    private static BlockHash Hash(int n) => n == 0 ? default : new BlockHash(0, (ulong)n);

    private void Store(InstanceId instance, params ReadOnlySpan<(int Block, int Parent)> blocks)
    {
        ImmutableArray<BlockHash>.Builder stored = ImmutableArray.CreateBuilder<BlockHash>();
        ImmutableArray<BlockHash>.Builder parents = ImmutableArray.CreateBuilder<BlockHash>();
        foreach ((int block, int parent) in blocks)
        {
            stored.Add(Hash(block));
            parents.Add(Hash(parent));
        }

        _index.Update(new BlockEvents { Instance = instance, Epoch = 1, Stored = stored.ToImmutable(), Parents = parents.ToImmutable() });
    }

    private void Find(params int[] chain) => _index.Find([.. chain.Select(Hash)]);
}
