using XLLM.Contracts.Ids;
using XLLM.Contracts.Kv;
using XLLM.Contracts.Ports;
using XLLM.Contracts.Requests;
using XLLM.Engine.Loop;
using XLLM.Engine.Simulated;
using XLLM.Engine.Tests.Loop;
using XLLM.Engine.Tests.Transfer;
using XLLM.Engine.Tiers;
using XLLM.Testing;

namespace XLLM.Engine.Tests.Tiers;

/// <summary>Tiers below an engine's pool change what is computed, never a token.</summary>
public class EngineTierTests
{
    private static readonly SimulatedModelOptions Tight = new() { Blocks = 24 };

    [Fact]
    public async Task APromptThatThePoolHasForgotten_ComesBackFromHostMemory()
    {
        await using KvEngineNode node = New("d");
        InferenceRequest first = EngineHarness.Request(EngineHarness.Prompt(1, 200), 10);
        Generation before = await RunAsync(node, first);
        await OffloadAsync(node, first);
        await CrowdAsync(node);
        BlockEventBatch events = node.Engine.TakeBlockEvents();
        await QuietAsync(node);
        Assert.Contains(events.Events, x => x.Block == first.BlockHashes[^1] && x.Stored && x.Tier == BlockTier.Host);

        Generation after = await RunAsync(node, first with { Id = RequestId.New() });

        Assert.Equal(before.Ids, after.Ids);
        Assert.Equal(0, before.Usage.CachedTokens);
        Assert.Equal(192, after.Usage.CachedTokens);
        Assert.True(node.Engine.Load.HostBlocks > 12);
        Assert.Empty(await node.Engine.CheckIntegrityAsync());
        HashSet<BlockHash> listed = [.. (await node.Engine.ListBlocksAsync()).Events.Select(x => x.Block)];
        Assert.Superset(first.BlockHashes.ToHashSet(), listed);
    }

    [Fact]
    public async Task APeerFetchesWhatIsInATier()
    {
        await using KvEngineNode holder = New("p");
        await using KvEngineNode asker = new("d", new SimulatedModelRunner(new SimulatedModelOptions()));
        InferenceRequest first = EngineHarness.Request(EngineHarness.Prompt(2, 160), 10);
        Generation before = await RunAsync(holder, first);
        await OffloadAsync(holder, first);
        await CrowdAsync(holder);
        InferenceRequest again = first with { Id = RequestId.New() };

        Generation after = await asker.StartAsync(
            again, await asker.ReserveAsync(again), new KvSource { Endpoint = holder.Engine.Descriptor.Kv!, Blocks = 10 });
        await after.Ended.Within();

        Assert.Equal(before.Ids, after.Ids);
        Assert.True(after.Usage.CachedTokens >= 144, $"{after.Usage.CachedTokens} tokens came");
        Assert.Empty(await holder.Engine.CheckIntegrityAsync());
    }

    private static KvEngineNode New(string silo) => new(
        silo,
        new SimulatedModelRunner(Tight),
        engine: new EngineLoopOptions { MaxBatchTokens = 64, MaxRunning = 4 },
        tiers: new KvTierOptions { HostBytes = 128 * 16 * sizeof(ulong) });

    private static async Task<Generation> RunAsync(KvEngineNode node, InferenceRequest request)
    {
        Generation generation = await node.StartAsync(request, await node.ReserveAsync(request), null);
        await generation.Ended.Within();
        return generation;
    }

    /// <summary>What a heartbeat does: the tiers learn of the blocks, and copy them.</summary>
    private static async Task OffloadAsync(KvEngineNode node, InferenceRequest request)
    {
        int expected = node.Engine.Load.HostBlocks + request.BlockHashes.Length;
        for (DateTime limit = DateTime.UtcNow.AddSeconds(30); node.Engine.Load.HostBlocks < expected; await Task.Yield())
        {
            node.Engine.TakeBlockEvents();
            Assert.True(DateTime.UtcNow < limit, "the blocks do not reach the tier");
        }
    }

    /// <summary>Nothing is copied down any more, so that no block is held for it.</summary>
    private static async Task QuietAsync(KvEngineNode node)
    {
        for (DateTime limit = DateTime.UtcNow.AddSeconds(30); node.Engine.Tiers!.Queued > 0; await Task.Yield())
        {
            Assert.True(DateTime.UtcNow < limit, "blocks still wait to be copied down");
        }
    }

    private static async Task CrowdAsync(KvEngineNode node)
    {
        for (int seed = 50; seed < 53; seed++)
        {
            await RunAsync(node, EngineHarness.Request(EngineHarness.Prompt(seed, 300), 4));
        }
    }
}
