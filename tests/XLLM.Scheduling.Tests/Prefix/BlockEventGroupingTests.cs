using XLLM.Contracts.Ids;
using XLLM.Contracts.Kv;
using XLLM.Contracts.Ports;
using XLLM.Scheduling.Prefix;
using static XLLM.Scheduling.Tests.Fleet.Instances;

namespace XLLM.Scheduling.Tests.Prefix;

public sealed class BlockEventGroupingTests
{
    [Fact]
    public void Events_are_grouped_by_the_partition_of_their_chain_and_the_last_word_on_a_block_counts()
    {
        BlockHash rootA = new(1, 0);
        BlockHash rootB = new(2, 0);
        BlockHash inA = new(9, 1);
        var batch = new BlockEventBatch(
        [
            new BlockEvent(rootB, rootB, true),
            new BlockEvent(rootA, rootA, true),
            new BlockEvent(rootA, inA, true),
            new BlockEvent(rootA, inA, false),
            new BlockEvent(rootB, rootB, false),
            new BlockEvent(rootB, rootB, true),
        ]);

        var grouped = BlockEventGrouping.ByPartition(Id("a"), 4, batch, static root => (long)root.High);

        Assert.Equal([1L, 2L], grouped.Select(x => x.Partition));
        Assert.Equal([rootA], grouped[0].Events.Stored.ToArray());
        Assert.Equal([inA], grouped[0].Events.Removed.ToArray());
        Assert.Equal([rootB], grouped[1].Events.Stored.ToArray());
        Assert.Empty(grouped[1].Events.Removed);
        Assert.Empty(grouped[1].Events.Moved);
        Assert.All(grouped, x => Assert.Equal((Id("a"), 4L), (x.Events.Instance, x.Events.Epoch)));
    }

    [Fact]
    public void A_block_that_ended_in_another_tier_is_told_as_moved()
    {
        BlockHash root = new(1, 0);
        BlockHash second = new(1, 1);
        var batch = new BlockEventBatch(
        [
            new BlockEvent(root, root, true),
            new BlockEvent(root, second, true),
            new BlockEvent(root, second, true, BlockTier.Host),
            new BlockEvent(root, second, true, BlockTier.Disk),
        ]);

        var events = Assert.Single(BlockEventGrouping.ByPartition(Id("a"), 4, batch, static x => (long)x.High)).Events;

        Assert.Equal([root], events.Stored.ToArray());
        Assert.Equal([new BlockMove(second, BlockTier.Disk)], events.Moved.ToArray());
        Assert.Empty(events.Removed);
    }
}
