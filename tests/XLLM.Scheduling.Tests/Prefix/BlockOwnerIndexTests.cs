using System.Collections.Immutable;
using XLLM.Contracts.Ids;
using XLLM.Contracts.Kv;
using XLLM.Scheduling.Prefix;
using static XLLM.Scheduling.Tests.Fleet.Instances;

namespace XLLM.Scheduling.Tests.Prefix;

public sealed class BlockOwnerIndexTests
{
    private readonly BlockOwnerIndex _index = new();

    [Fact]
    public void Leading_blocks_are_counted_up_to_the_first_gap()
    {
        _index.Update(Stored("a", 1, 1, 2, 3));
        _index.Update(Stored("b", 1, 1, 3));
        _index.Update(Stored("c", 1, 2, 3));

        Assert.Equal([new PrefixHit(Id("a"), 3), new PrefixHit(Id("b"), 1)], _index.Find(Chain(1, 2, 3, 4)).ToArray());
        Assert.Empty(_index.Find(Chain(9)));
        Assert.Empty(_index.Find([]));
        Assert.Empty(_index.CheckIntegrity());
    }

    [Fact]
    public void Lost_blocks_are_not_found_any_more()
    {
        _index.Update(Stored("a", 1, 1, 2));
        _index.Update(Stored("a", 1) with { Removed = [.. Chain(2)] });

        Assert.Equal([new PrefixHit(Id("a"), 1)], _index.Find(Chain(1, 2)).ToArray());
    }

    [Fact]
    public void A_newer_epoch_forgets_the_older_one_and_an_older_one_is_dropped()
    {
        _index.Update(Stored("a", 5, 1, 2));

        Assert.Equal(OwnerUpdate.Applied, _index.Update(Stored("a", 6, 3)));
        Assert.Equal(OwnerUpdate.Stale, _index.Update(Stored("a", 5, 4)));

        Assert.Empty(_index.Find(Chain(1, 2)));
        Assert.Empty(_index.Find(Chain(4)));
        Assert.Single(_index.Find(Chain(3)));
        Assert.Equal(1, _index.Blocks);
        Assert.Empty(_index.CheckIntegrity());
    }

    [Fact]
    public void Hits_tell_how_far_each_tier_reaches()
    {
        _index.Update(Stored("a", 1, 1, 2, 3, 4));
        _index.Update(Stored("a", 1) with { Moved = [new BlockMove(Hash(2), BlockTier.Host), new BlockMove(Hash(4), BlockTier.Disk)] });
        _index.Update(Stored("b", 1) with { Moved = [new BlockMove(Hash(1), BlockTier.Disk)] });

        PrefixHit[] hits = [.. _index.Find(Chain(1, 2, 3, 4, 5))];

        Assert.Equal(
            [
                new PrefixHit(Id("a"), 1) { WithHost = 3, WithDisk = 4 },
                new PrefixHit(Id("b"), 0) { WithHost = 0, WithDisk = 1 },
            ],
            hits);
        _index.Update(Stored("a", 1, 2));
        Assert.Equal(new PrefixHit(Id("a"), 3) { WithHost = 3, WithDisk = 4 }, _index.Find(Chain(1, 2, 3, 4))[0]);
    }

    [Fact]
    public void A_message_that_skips_a_number_is_refused_until_everything_is_sent()
    {
        Assert.Equal(OwnerUpdate.Applied, _index.Update(Stored("a", 1, 1) with { Sequence = 1 }));
        Assert.Equal(OwnerUpdate.Applied, _index.Update(Stored("a", 1, 2) with { Sequence = 2 }));
        Assert.Equal(OwnerUpdate.Gap, _index.Update(Stored("a", 1, 4) with { Sequence = 4 }));
        Assert.Equal(2, _index.Find(Chain(1, 2, 4))[0].Blocks);

        Assert.Equal(OwnerUpdate.Applied, _index.Update(Stored("a", 1, 2, 4) with { Sequence = 5, IsWhole = true }));
        Assert.Equal(OwnerUpdate.Applied, _index.Update(Stored("a", 1, 5) with { Sequence = 6 }));

        Assert.Empty(_index.Find(Chain(1)));
        Assert.Equal(3, _index.Find(Chain(2, 4, 5))[0].Blocks);
        Assert.Empty(_index.CheckIntegrity());
    }

    [Fact]
    public void A_message_that_comes_again_changes_nothing()
    {
        _index.Update(Stored("a", 1, 1) with { Sequence = 1 });
        _index.Update(Stored("a", 1) with { Sequence = 2, Removed = [Hash(1)] });

        Assert.Equal(OwnerUpdate.Applied, _index.Update(Stored("a", 1, 1) with { Sequence = 1 }));

        Assert.Empty(_index.Find(Chain(1)));
    }

    [Fact]
    public void A_new_owner_asks_for_everything_and_a_new_epoch_begins_anew()
    {
        Assert.Equal(OwnerUpdate.Gap, _index.Update(Stored("a", 1, 3) with { Sequence = 7 }));
        Assert.Equal(OwnerUpdate.Applied, _index.Update(Stored("a", 1, 3) with { Sequence = 8, IsWhole = true }));
        Assert.Equal(OwnerUpdate.Applied, _index.Update(Stored("a", 2, 4) with { Sequence = 1 }));

        Assert.Empty(_index.Find(Chain(3)));
        Assert.Single(_index.Find(Chain(4)));
    }

    [Fact]
    public void A_dead_epoch_is_forgotten_and_its_successor_is_not()
    {
        _index.Update(Stored("a", 2, 1));
        _index.Forget(Id("a"), 1);
        Assert.Single(_index.Find(Chain(1)));

        _index.Forget(Id("a"), 2);

        Assert.Empty(_index.Find(Chain(1)));
        Assert.Empty(_index.CheckIntegrity());
    }

    [Fact]
    public void Beyond_its_limit_the_tails_that_nobody_asks_for_are_forgotten_first()
    {
        var small = new BlockOwnerIndex(maxBlocks: 6);
        small.Update(Stored("a", 1, 1, 2, 3));
        small.Update(Stored("b", 1, 11, 12, 13));
        small.Find(Chain(1, 2, 3));

        small.Update(Stored("a", 1, 21, 22));

        Assert.Equal(6, small.Blocks);
        Assert.Equal(3, small.Find(Chain(1, 2, 3))[0].Blocks);
        Assert.Equal(1, small.Find(Chain(11, 12, 13))[0].Blocks);
        Assert.Equal(2, small.Find(Chain(21, 22))[0].Blocks);
        Assert.Empty(small.CheckIntegrity());
    }

    [Fact]
    public void Random_updates_keep_the_index_equal_to_a_plain_model()
    {
        var random = new Random(20260101);
        Dictionary<string, HashSet<int>> model = new() { ["a"] = [], ["b"] = [], ["c"] = [] };
        for (int step = 0; step < 2000; step++)
        {
            string silo = "abc"[random.Next(3)].ToString();
            switch (random.Next(10))
            {
                case 0:
                    _index.Forget(Id(silo));
                    model[silo].Clear();
                    break;
                case < 6:
                    int[] stored = [.. Enumerable.Range(0, 3).Select(_ => random.Next(20))];
                    _index.Update(Stored(silo, 1, stored));
                    model[silo].UnionWith(stored);
                    break;
                default:
                    int removed = random.Next(20);
                    _index.Update(Stored(silo, 1) with { Removed = [Hash(removed)] });
                    model[silo].Remove(removed);
                    break;
            }

            int[] chain = [.. Enumerable.Range(0, 4).Select(_ => random.Next(20)).Distinct()];
            ImmutableArray<PrefixHit> hits = _index.Find(Chain(chain));
            foreach ((string name, HashSet<int> held) in model)
            {
                int expected = chain.TakeWhile(held.Contains).Count();
                Assert.Equal(expected, hits.FirstOrDefault(x => x.Instance == Id(name)).Blocks);
            }
        }

        Assert.Equal(model.Values.SelectMany(x => x).Distinct().Count(), _index.Blocks);
        Assert.Empty(_index.CheckIntegrity());
    }

    private static BlockHash Hash(int n) => new((ulong)n, 77);

    private static BlockHash[] Chain(params int[] blocks) => [.. blocks.Select(Hash)];

    private static BlockEvents Stored(string silo, long epoch, params int[] blocks) =>
        new() { Instance = Id(silo), Epoch = epoch, Stored = [.. Chain(blocks)] };
}
