using System.Collections.Immutable;
using XLLM.Contracts.Ids;
using XLLM.Contracts.Ports;
using XLLM.Scheduling.Blocks;

namespace XLLM.Scheduling.Tests.Blocks;

public class BlockPoolTests
{
    private static readonly BlockHasher Hasher = new(2);

    [Fact]
    public void Allocate_UntilNoneIsLeft_GivesEveryIdOnceAndThenMinusOne()
    {
        BlockPool pool = new(5, 2);
        int[] taken = [.. Enumerable.Range(0, 5).Select(_ => pool.Allocate())];

        Assert.Equal([0, 1, 2, 3, 4], taken.Order());
        Assert.Equal(-1, pool.Allocate());
        Assert.Equal(0, pool.Available);
    }

    [Fact]
    public void Release_OfTheLastHolder_FreesAnUnindexedBlockAndCachesAnIndexedOne()
    {
        BlockPool pool = new(4, 2);
        BlockTable table = StoreChain(pool, [1, 2, 3, 4]);
        table.Add(pool.Allocate());
        (int first, int second, int third) = (table[0], table[1], table[2]);

        pool.ReleaseAll(table);

        Assert.Equal(BlockState.Cached, pool.StateOf(first));
        Assert.Equal(BlockState.Cached, pool.StateOf(second));
        Assert.Equal(BlockState.Free, pool.StateOf(third));
        Assert.Equal(4, pool.Available);
        Assert.Empty(pool.CheckIntegrity([]));
    }

    [Fact]
    public void Allocate_WhenOnlyCachedBlocksAreLeft_EvictsTheOldestLeafFirst()
    {
        BlockPool pool = new(4, 2);
        BlockTable old = StoreChain(pool, [1, 2, 3, 4]);
        BlockTable recent = StoreChain(pool, [5, 6, 7, 8]);
        int[] order = [old[1], old[0], recent[1], recent[0]];
        pool.ReleaseAll(old);
        pool.ReleaseAll(recent);

        Assert.Equal(order, Enumerable.Range(0, 4).Select(_ => pool.Allocate()));
    }

    [Fact]
    public void Retain_OfACachedBlock_SavesItFromEviction()
    {
        BlockPool pool = new(2, 2);
        BlockTable table = StoreChain(pool, [1, 2]);
        int kept = table[0];
        pool.ReleaseAll(table);

        pool.Retain(kept);

        Assert.NotEqual(kept, pool.Allocate());
        Assert.Equal(-1, pool.Allocate());
        Assert.Equal(kept, pool.Find(Hasher.First([1, 2]), -1, [1, 2], ""));
    }

    [Fact]
    public void Find_WithTheRightHashButOtherTokensParentOrSalt_FindsNothing()
    {
        BlockPool pool = new(4, 2);
        BlockTable table = StoreChain(pool, [1, 2, 3, 4]);
        ImmutableArray<BlockHash> hashes = Hasher.HashPrompt([1, 2, 3, 4]);

        Assert.Equal(table[0], pool.Find(hashes[0], -1, [1, 2], ""));
        Assert.Equal(-1, pool.Find(hashes[0], -1, [1, 3], ""));
        Assert.Equal(-1, pool.Find(hashes[0], -1, [1, 2], "tenant"));
        Assert.Equal(-1, pool.Find(hashes[1], -1, [3, 4], ""));
        Assert.Equal(table[1], pool.Find(hashes[1], table[0], [3, 4], ""));
    }

    [Fact]
    public void TryStore_UnderAHashThatNamesOtherContent_IsRefused()
    {
        BlockPool pool = new(4, 2);
        StoreChain(pool, [1, 2]);
        BlockHash taken = Hasher.First([1, 2]);

        Assert.False(pool.TryStore(pool.Allocate(), taken, -1, [9, 9], ""));
        Assert.Equal(1, pool.IndexedCount);
    }

    [Fact]
    public void Events_OfAStoreAndAnEviction_NameTheRootAndCancelOutWhenBothAreUnread()
    {
        BlockPool pool = new(2, 2);
        ImmutableArray<BlockHash> hashes = Hasher.HashPrompt([1, 2, 3, 4]);
        BlockTable table = StoreChain(pool, [1, 2, 3, 4]);
        ImmutableArray<BlockEvent> stored = pool.Events.Take();
        pool.ReleaseAll(table);
        pool.Allocate();
        ImmutableArray<BlockEvent> removed = pool.Events.Take();

        Assert.Equal<BlockEvent>([new(hashes[0], hashes[0], true), new(hashes[0], hashes[1], true, Parent: hashes[0])], stored);
        Assert.Equal<BlockEvent>([new(hashes[0], hashes[1], false)], removed);

        BlockPool other = new(1, 2);
        other.ReleaseAll(StoreChain(other, [1, 2]));
        other.Allocate();
        Assert.Empty(other.Events.Take());
    }

    [Fact]
    public void CheckIntegrity_WithALeakedAndAMissingHolder_NamesBlockAndCounts()
    {
        BlockPool pool = new(3, 2);
        int leaked = pool.Allocate();
        BlockTable stranger = new();
        stranger.Add(leaked == 0 ? 1 : 0);

        IReadOnlyList<string> faults = pool.CheckIntegrity([stranger]);

        Assert.Contains($"block {leaked}: reference count 1, holders 0", faults);
        Assert.Contains($"block {stranger[0]}: reference count 0, holders 1", faults);
    }

    [Fact]
    public void Release_OfAFreeBlock_Throws() =>
        Assert.Throws<InvalidOperationException>(() => new BlockPool(1, 2).Release(0));

    private static BlockTable StoreChain(BlockPool pool, int[] tokens)
    {
        BlockTable table = new();
        ImmutableArray<BlockHash> hashes = Hasher.HashPrompt(tokens);
        for (int i = 0; i < hashes.Length; i++)
        {
            table.Add(pool.Allocate());
            Assert.True(pool.TryStore(table[i], hashes[i], i == 0 ? -1 : table[i - 1], tokens.AsSpan(i * 2, 2), ""));
        }

        return table;
    }
}
