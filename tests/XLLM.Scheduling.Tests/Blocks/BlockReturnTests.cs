using XLLM.Contracts.Ids;
using XLLM.Scheduling.Blocks;

namespace XLLM.Scheduling.Tests.Blocks;

public class BlockReturnTests
{
    private const int Blocks = 24;

    /// <summary>Whatever was free, cached or held of a pool that is gone, all own blocks are here in the end.</summary>
    [Fact]
    public void BlocksComeBackAsThoseThatCameForThemAreNotNeeded()
    {
        for (int seed = 0; seed < 200; seed++)
        {
            Random random = new(seed);
            BlockPool pool = new(Blocks, 1, guests: 2 * Blocks);
            List<BlockTable> tables = [];
            Fill(pool, random, tables, random.Next(4));
            List<int> given = Exchange(pool, random, Blocks + (random.Next(2) * Blocks));
            Assert.NotEmpty(given);
            Fill(pool, random, tables, random.Next(4));
            int first = pool.IsForeign(Blocks) ? 2 * Blocks : Blocks;

            int left = pool.Return(given.ToArray(), first, Blocks);
            Assert.Empty(pool.CheckIntegrity(tables));
            Assert.Equal(left, Enumerable.Range(first, Blocks).Count(block => !pool.IsForeign(block)));
            Assert.Equal(given.Count - left, pool.Returned);
            for (int i = 0; i < 5; i++)
            {
                Fill(pool, random, tables, 1);
                Drop(pool, random, tables);
                Assert.Empty(pool.CheckIntegrity(tables));
            }

            tables.ForEach(pool.ReleaseAll);
            Assert.Equal(0, pool.Return(given.ToArray(), first, Blocks));
            Assert.Empty(pool.CheckIntegrity([]));
            Assert.Equal(given.Count, pool.Returned);
            Assert.All(Enumerable.Range(0, Blocks), block => Assert.False(pool.IsForeign(block)));
            Assert.Equal(Blocks, pool.Available);
        }
    }

    [Fact]
    public void AsManyComeAsLeave()
    {
        BlockPool pool = new(4, 1, guests: 4);
        BlockTable table = new();
        table.Add(pool.Allocate());
        pool.Exchange(table[0], 5);
        Assert.Throws<InvalidOperationException>(() => pool.Return([], 4, 4));
    }

    // Chains of random length, half of them stored for others to find.
    private static void Fill(BlockPool pool, Random random, List<BlockTable> tables, int chains)
    {
        for (int chain = 0; chain < chains; chain++)
        {
            BlockTable table = new();
            bool isStored = random.Next(2) == 0;
            for (int i = random.Next(1, 8); i > 0 && pool.Allocate() is >= 0 and int block; i--)
            {
                int parent = isStored && table.Count > 0 ? table[table.Count - 1] : -1;
                table.Add(block);
                isStored = isStored && pool.TryStore(
                    block, new BlockHash((ulong)random.NextInt64(), (ulong)random.NextInt64()), parent, [random.Next()], "");
            }

            if (random.Next(2) == 0)
            {
                pool.ReleaseAll(table);
            }
            else
            {
                tables.Add(table);
            }
        }
    }

    private static List<int> Exchange(BlockPool pool, Random random, int guests)
    {
        List<int> given = [];
        BlockTable gained = new();
        for (int i = random.Next(1, 8); i > 0 && pool.AllocateWhere(block => block < Blocks) is >= 0 and int block; i--)
        {
            pool.Exchange(block, guests + given.Count);
            gained.Add(guests + given.Count);
            given.Add(block);
        }

        pool.ReleaseAll(gained);
        return given;
    }

    private static void Drop(BlockPool pool, Random random, List<BlockTable> tables)
    {
        if (tables.Count > 0)
        {
            int at = random.Next(tables.Count);
            pool.ReleaseAll(tables[at]);
            tables.RemoveAt(at);
        }
    }
}
