using XLLM.Scheduling.Blocks;

namespace XLLM.Scheduling.Tests.Blocks;

/// <summary>Blocks that pools give each other.</summary>
public class BlockExchangeTests
{
    private const int Size = 4;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void RandomLives_LeaveEveryPoolWithAsManyBlocksAsItHad_AndEveryBlockWithOneOwner(int seed)
    {
        // Each pool's blocks are the other's guests, in order.
        const int Blocks = 24;
        BlockPool[] pools = [new(Blocks, Size, guests: Blocks), new(Blocks, Size, guests: Blocks)];
        List<BlockTable>[] tables = [[], []];
        Random random = new(seed);
        for (int i = 0; i < 3_000; i++)
        {
            int at = random.Next(2);
            BlockPool pool = pools[at];
            switch (random.Next(5))
            {
                case 0 or 1:
                    BlockTable made = new();
                    for (int count = random.Next(1, 5); count > 0 && pool.Allocate() is >= 0 and int block; count--)
                    {
                        made.Add(block);
                    }

                    StoreSome(pool, made, random);
                    tables[at].Add(made);
                    break;
                case 2 or 3 when tables[at].Count > 0:
                    int gone = random.Next(tables[at].Count);
                    pool.ReleaseAll(tables[at][gone]);
                    tables[at].RemoveAt(gone);
                    break;
                default:
                    Swap(pool, pools[1 - at], random);
                    break;
            }

            for (int side = 0; side < 2; side++)
            {
                Assert.Empty(pools[side].CheckIntegrity(tables[side]));
                for (int block = 0; block < Blocks; block++)
                {
                    Assert.NotEqual(pools[side].IsForeign(block), pools[1 - side].IsForeign(Blocks + block));
                }
            }
        }

        Assert.True(pools[0].Exchanged > 100);
        Assert.Equal(pools[0].Exchanged, pools[1].Exchanged);

        static void Swap(BlockPool giver, BlockPool receiver, Random random)
        {
            // Any two blocks, wherever they lie.
            int wanted = random.Next(2);
            int given = giver.AllocateWhere(block => block / Blocks == wanted);
            int returned = given < 0 ? -1 : receiver.AllocateWhere(_ => true);
            if (returned >= 0)
            {
                giver.Exchange(given, Mirror(returned));
                receiver.Exchange(returned, Mirror(given));
                giver.Release(Mirror(returned));
                receiver.Release(Mirror(given));
            }
            else if (given >= 0)
            {
                giver.Release(given);
            }
        }

        static int Mirror(int block) => (block + Blocks) % (2 * Blocks);
    }

    [Fact]
    public void OnlyABlockThatIsOneHoldersAlone_CanBeGiven()
    {
        BlockPool pool = new(4, Size, guests: 4);
        BlockTable table = new();
        table.Add(pool.Allocate());
        table.Add(pool.Allocate());
        BlockHasher hasher = new(Size);
        int[] tokens = [1, 2, 3, 4, 5, 6, 7, 8];
        Assert.True(pool.TryStore(table[0], hasher.HashPrompt(tokens)[0], -1, tokens.AsSpan(0, Size), ""));
        Assert.True(pool.TryStore(table[1], hasher.HashPrompt(tokens)[1], table[0], tokens.AsSpan(Size), ""));

        Assert.False(pool.TryForget(table[0]), "another indexed block follows it");
        pool.Retain(table[1]);
        Assert.False(pool.TryForget(table[1]), "somebody else holds it");
        pool.Release(table[1]);
        Assert.Throws<InvalidOperationException>(() => pool.Exchange(table[1], 5));
        Assert.True(pool.TryForget(table[1]));
        Assert.Throws<InvalidOperationException>(() => pool.Exchange(table[1], table[0]));
        pool.Exchange(table[1], 5);
        Assert.Throws<InvalidOperationException>(() => pool.Exchange(table[0], 5));
        table.Replace(1, 5);
        Assert.Empty(pool.CheckIntegrity([table]));
        pool.ReleaseAll(table);
        Assert.Equal(4, pool.Available);
    }

    private static void StoreSome(BlockPool pool, BlockTable table, Random random)
    {
        int[] tokens = [.. Enumerable.Range(0, table.Count * Size).Select(_ => random.Next(1_000_000))];
        BlockHasher hasher = new(Size);
        int stored = random.Next(table.Count + 1);
        for (int i = 0; i < stored; i++)
        {
            pool.TryStore(
                table[i], hasher.HashPrompt(tokens)[i], i == 0 ? -1 : table[i - 1], tokens.AsSpan(i * Size, Size), "");
        }
    }
}
