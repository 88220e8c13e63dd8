using Microsoft.Extensions.Logging.Abstractions;
using XLLM.Contracts.Ids;
using XLLM.Contracts.Kv;
using XLLM.Contracts.Ports;
using XLLM.Engine.Tests.Transfer;
using XLLM.Engine.Tiers;
using XLLM.Engine.Transfer;

namespace XLLM.Engine.Tests.Tiers;

public sealed class TierTests : IDisposable
{
    private const ulong Seed = 1024;

    private static readonly KvLayout Layout = MemoryStore.Small;

    private readonly TempFolder _folder = new();

    private string DiskPath => Path.Combine(_folder.Path, "tier", "kv");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task WhatThePoolGivesUpComesBackFromHostMemory()
    {
        using MemoryStore store = new(16);
        await using KvTiers tiers = New(store, hostBlocks: 32);
        KvChain chain = MemoryStore.Chain(1, 8, salt: "tenant");
        await OfferAsync(store, tiers, chain);
        Assert.Equal(8, tiers.HostBlocks);
        Crowd(store, 16);
        store.AssertHas(chain, 0);

        KvHold held = await tiers.BringUpAsync(chain, 0, CancellationToken.None);

        Assert.Equal(8, held.Blocks.Length);
        store.Release(held);
        store.AssertHas(chain, 8);
        await AssertSoundAsync(store, tiers);
    }

    [Fact]
    public async Task AnotherSaltOrContentFindsNothing()
    {
        using MemoryStore store = new(64);
        await using KvTiers tiers = New(store, hostBlocks: 32);
        KvChain chain = MemoryStore.Chain(2, 4, salt: "one");
        await OfferAsync(store, tiers, chain);
        Assert.Equal((4, 0), tiers.Count(chain, 0));
        Assert.Equal((0, 0), tiers.Count(MemoryStore.Chain(2, 4, salt: "two"), 0));

        // The same names for other tokens, as in a collision.
        Assert.Equal((0, 0), tiers.Count(chain with { Tokens = MemoryStore.Chain(3, 4).Tokens }, 0));
        Assert.Equal((0, 0), tiers.Count(chain with { Salt = "two" }, 0));
    }

    [Fact]
    public async Task WhatHostMemoryGivesUpGoesIntoTheFile_EndsOfChainsFirst()
    {
        using MemoryStore store = new(64);
        await using KvTiers tiers = New(store, hostBlocks: 6, diskBlocks: 32);
        KvChain first = MemoryStore.Chain(4, 6);
        KvChain second = MemoryStore.Chain(5, 3);
        await OfferAsync(store, tiers, first);
        await OfferAsync(store, tiers, second);
        Assert.Equal((6, 3), (tiers.HostBlocks, tiers.DiskBlocks));
        Assert.Equal((3, 3), tiers.Count(first, 0));
        Assert.Equal((3, 0), tiers.Count(second, 0));
        Crowd(store, 64);

        KvHold held = await tiers.BringUpAsync(first, 0, CancellationToken.None);
        Assert.Equal(6, held.Blocks.Length);
        store.Release(held);
        store.AssertHas(first, 6);
        await AssertSoundAsync(store, tiers);
    }

    [Fact]
    public async Task TheFileIsFoundAgain_ByTheSameLayoutAndKeyOnly()
    {
        KvChain chain = MemoryStore.Chain(6, 8, salt: "tenant");
        using (MemoryStore before = new(64))
        {
            await using KvTiers tiers = New(before, diskBlocks: 16);
            await OfferAsync(before, tiers, chain);
            Assert.Equal(8, tiers.DiskBlocks);
        }

        using (MemoryStore after = new(64))
        {
            await using KvTiers tiers = New(after, diskBlocks: 16);
            Assert.Equal(8, tiers.DiskBlocks);
            after.Release(await tiers.BringUpAsync(chain, 0, CancellationToken.None));
            after.AssertHas(chain, 8);
        }

        using (MemoryStore other = new(64, Layout with { Fingerprint = "other weights" }))
        {
            await using KvTiers tiers = New(other, diskBlocks: 16);
            Assert.Equal(0, tiers.DiskBlocks);
        }
    }

    [Fact]
    public async Task ADamagedOrTruncatedFileGivesLess_NotSomethingElse()
    {
        KvChain chain = MemoryStore.Chain(7, 8);
        using MemoryStore store = new(64);
        await using (KvTiers tiers = New(store, diskBlocks: 16))
        {
            await OfferAsync(store, tiers, chain);
            Crowd(store, 64);
        }

        // Slots are 4 KiB and a block; block 5 was written third, as the last comes first.
        using (FileStream file = File.Open(DiskPath, FileMode.Open))
        {
            file.Position = 4096 + (2 * (4096 + Layout.BlockBytes)) + 4096 + 1000;
            int value = file.ReadByte();
            file.Position--;
            file.WriteByte((byte)(value ^ 1));
        }

        await using (KvTiers tiers = New(store, diskBlocks: 16))
        {
            Assert.Equal((0, 8), tiers.Count(chain, 0));
            KvHold held = await tiers.BringUpAsync(chain, 0, CancellationToken.None);
            Assert.Equal(5, held.Blocks.Length);
            store.Release(held);
            store.AssertHas(chain, 5);
            Assert.Equal(1, tiers.Damaged);
            Assert.Equal(7, tiers.DiskBlocks);
        }

        using (FileStream file = File.Open(DiskPath, FileMode.Open))
        {
            file.SetLength(file.Length - 1);
        }

        await using (KvTiers tiers = New(store, diskBlocks: 16))
        {
            Assert.Equal(0, tiers.DiskBlocks);
        }
    }

    [Fact]
    public async Task RandomChangesOfTheFileNeverGiveWrongContent()
    {
        Random random = new(20261122);
        KvChain chain = MemoryStore.Chain(8, 12);
        for (int round = 0; round < 20; round++)
        {
            using MemoryStore store = new(64);
            await using (KvTiers tiers = New(store, diskBlocks: 12))
            {
                await OfferAsync(store, tiers, chain);
                Crowd(store, 64);
            }

            byte[] bytes = await File.ReadAllBytesAsync(DiskPath);
            for (int i = 0; i < 6; i++)
            {
                bytes[random.Next(round % 2 == 0 ? 4096 : 0, bytes.Length)] ^= (byte)random.Next(1, 256);
            }

            await File.WriteAllBytesAsync(DiskPath, bytes);
            await using (KvTiers tiers = New(store, diskBlocks: 12))
            {
                KvHold held = await tiers.BringUpAsync(chain, 0, CancellationToken.None);
                store.Release(held);
                store.AssertHas(chain, held.Blocks.Length);
            }

            File.Delete(DiskPath);
        }
    }

    [Fact]
    public async Task WhatIsCheaperToComputeStaysBelow()
    {
        using MemoryStore store = new(64);
        await using KvTiers tiers = New(store, hostBlocks: 32);
        KvChain chain = MemoryStore.Chain(9, 8);
        await OfferAsync(store, tiers, chain);
        Crowd(store, 64);
        KvHold none = await tiers.BringUpAsync(chain, 1e15, CancellationToken.None);
        Assert.Empty(none.Blocks);
        KvHold all = await tiers.BringUpAsync(chain, 10, CancellationToken.None);
        Assert.Equal(8, all.Blocks.Length);
        store.Release(all);
    }

    [Fact]
    public async Task AFullQueueKeepsLess_AndSaysSo()
    {
        using MemoryStore store = new(64);
        await using KvTiers tiers = New(store, hostBlocks: 32, queue: 4);
        KvChain chain = MemoryStore.Chain(10, 8);
        store.Release(store.Compute(chain));
        tiers.Offer(chain, 0);
        Assert.Equal(8, tiers.Drops);
        Assert.Equal(0, tiers.HostBlocks);
    }

    [Fact]
    public async Task EventsTellTheFastestTierOfABlock()
    {
        using MemoryStore store = new(64);
        await using KvTiers tiers = New(store, hostBlocks: 2, diskBlocks: 2);
        TierEvents events = new(tiers);
        KvChain chain = MemoryStore.Chain(11, 3);
        events.Remember(chain);
        store.Release(store.Compute(chain));
        BlockHash root = chain.Hashes[0];
        BlockEvent[] stored = [.. chain.Hashes.Select(x => new BlockEvent(root, x, Stored: true))];

        Assert.Equal(stored, events.Merge(new BlockEventBatch([.. stored])).Events);
        Assert.Equal(3, events.InPool(chain));
        await QuietAsync(tiers);
        Assert.Equal((2, 1), (tiers.HostBlocks, tiers.DiskBlocks));
        Assert.Empty(events.Merge(BlockEventBatch.Empty).Events);

        // The pool gives all up: two are in host memory, the end of the chain in the file.
        BlockEvent[] gone = [.. stored.Select(x => x with { Stored = false })];
        BlockEvent[] moved =
        [
            stored[0] with { Tier = BlockTier.Host }, stored[1] with { Tier = BlockTier.Host },
            stored[2] with { Tier = BlockTier.Disk },
        ];
        Assert.Equal(moved, events.Merge(new BlockEventBatch([.. gone])).Events);
        Assert.Equal(moved.ToHashSet(), events.MergeList(BlockEventBatch.Empty).Events.ToHashSet());

        // Others take their places.
        KvChain next = MemoryStore.Chain(12, 4);
        await OfferAsync(store, tiers, next);
        BlockEvent[] after = [.. events.Merge(BlockEventBatch.Empty).Events.Where(x => x.Root == root)];
        Assert.Contains(after, x => x.Block == stored[2].Block && !x.Stored);
    }

    [Fact]
    public void OptionsThatCannotBeAreAllNamed()
    {
        KvTierOptions wrong = new() { HostBytes = -1, DiskBytes = 5, QueueBlocks = 0 };
        Assert.Equal(3, wrong.Validate().Count);
        Assert.Empty(new KvTierOptions().Validate());
    }

    private static async Task OfferAsync(MemoryStore store, KvTiers tiers, KvChain chain)
    {
        store.Release(store.Compute(chain));
        tiers.Offer(chain, 0);
        await QuietAsync(tiers);
    }

    private static async Task QuietAsync(KvTiers tiers)
    {
        for (DateTime limit = DateTime.UtcNow.AddSeconds(30); tiers.Queued > 0; await Task.Yield())
        {
            Assert.True(DateTime.UtcNow < limit, "blocks still wait to be copied down");
        }
    }

    /// <summary>Takes the whole pool for a moment, so that the cache loses everything.</summary>
    private static void Crowd(MemoryStore store, int blocks)
    {
        KvChain all = MemoryStore.Chain(999, blocks / 2);
        KvChain other = MemoryStore.Chain(998, blocks / 2);
        KvHold one = store.Compute(all);
        KvHold two = store.Compute(other);
        store.Release(one);
        store.Release(two);
    }

    private static async Task AssertSoundAsync(MemoryStore store, KvTiers tiers)
    {
        await QuietAsync(tiers);
        store.AssertSound();
    }

    private KvTiers New(MemoryStore store, int hostBlocks = 0, int diskBlocks = 0, int queue = 4096) => new(
        new KvTierOptions
        {
            HostBytes = hostBlocks * Layout.BlockBytes,
            DiskBytes = diskBlocks == 0 ? 0 : 4096 + (diskBlocks * (4096 + Layout.BlockBytes)),
            DiskPath = DiskPath,
            QueueBlocks = queue,
        },
        store,
        Seed,
        InstanceId.Of("silo", "cpu0"),
        TimeProvider.System,
        NullLogger.Instance);
}
