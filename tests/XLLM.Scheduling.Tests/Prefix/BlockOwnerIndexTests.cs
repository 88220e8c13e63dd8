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

        Assert.True(_index.Update(Stored("a", 6, 3)));
        Assert.False(_index.Update(Stored("a", 5, 4)));

        Assert.Empty(_index.Find(Chain(1, 2)));
        Assert.Empty(_index.Find(Chain(4)));
        Assert.Single(_index.Find(Chain(3)));
        Assert.Equal(1, _index.Blocks);
        Assert.Empty(_index.CheckIntegrity());
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
