using XLLM.Contracts.Ids;
using XLLM.Contracts.Kv;
using XLLM.Contracts.Requests;
using XLLM.Engine.Execution;
using XLLM.Engine.Loop;
using XLLM.Engine.Tests.Loop;
using XLLM.Engine.Transfer;
using XLLM.Testing;

namespace XLLM.Engine.Tests.Transfer;

/// <summary>Split plans, fetches and recovery between engines of one machine.</summary>
public class SharedKvTests
{
    private static readonly KvTransferOptions Options = KvNode.Options();

    [SharedFact]
    public async Task APromptComputedByAnotherEngine_ArrivesWithoutABytesCopy()
    {
        await using KvEngineNode prefill = Node("p");
        await using KvEngineNode decode = Node("d");
        for (int i = 0; i < 5; i++)
        {
            InferenceRequest request = EngineHarness.Request(EngineHarness.Prompt(i, 150, 4_000), 20);
            Generation split = await SplitAsync(i % 2 == 0 ? prefill : decode, i % 2 == 0 ? decode : prefill, request);

            Assert.Equal(0, split.Usage.CachedTokens);
            Assert.Equal(await AloneAsync(request), split.Ids);
            Assert.Empty(await decode.Engine.CheckIntegrityAsync());
            Assert.Empty(await prefill.Engine.CheckIntegrityAsync());
        }

        Assert.Equal((27, 18), (decode.Shared!.Metrics.Exchanged, prefill.Shared!.Metrics.Exchanged));
        Assert.Equal((0, 0), (decode.Shared.Metrics.Copied, prefill.Shared.Metrics.Copied));
        Assert.Equal(0, decode.Transport.Metrics.ReceivedTotal + prefill.Transport.Metrics.ReceivedTotal);
    }

    [SharedFact]
    public async Task ABeginningThatOthersShareHere_IsCopied_AndTheRestChangesHands()
    {
        await using KvEngineNode prefill = Node("p");
        await using KvEngineNode decode = Node("d");
        int[] shared = EngineHarness.Prompt(1, 64, 4_000);
        InferenceRequest before = EngineHarness.Request([.. shared, .. EngineHarness.Prompt(2, 40, 4_000)], 4);
        await (await prefill.StartAsync(before, await prefill.ReserveAsync(before), null)).Ended.Within();
        InferenceRequest request = EngineHarness.Request([.. shared, .. EngineHarness.Prompt(3, 70, 4_000)], 20);

        Generation split = await SplitAsync(prefill, decode, request);

        Assert.Equal(await AloneAsync(request), split.Ids);
        Assert.Equal(64, split.Usage.CachedTokens);
        Assert.Equal(4, decode.Shared!.Metrics.Exchanged);
        Assert.Equal(4 * decode.Harness.Loop.Blocks!.Layout.BlockBytes, decode.Shared.Metrics.Copied);
    }

    [SharedFact]
    public async Task KvOfAKilledProcess_IsFetched()
    {
        using Peer peer = await Peer.StartAsync();
        await using KvEngineNode node = Node("d");
        using (PeerPool pool = peer.Open(node.Harness.Loop.Blocks!.Layout))
        {
            Assert.Equal(100, pool.Blocks);
        }

        // The engine of the other process has no transport: its name stands for it.
        string name = $"{peer.Id}.{PeerProcess.Epoch}.{Uri.EscapeDataString(PeerProcess.Instance.Value)}";
        string path = Path.Combine(Options.SharedFolder, name);
        await File.WriteAllBytesAsync(path, []);
        KvEndpoint endpoint = node.Engine.Descriptor.Kv! with
        {
            Instance = PeerProcess.Instance, Epoch = PeerProcess.Epoch, ProcessId = peer.Id, Capabilities = KvCapabilities.SharedPages,
        };
        InferenceRequest first = PeerProcess.Request(4, 100, 60);
        KvArrival early = await node.Shared!.FetchAsync(endpoint, KvPort.Chain(node.Harness.Loop.Blocks!, first));
        Assert.Equal(0, early.Came);
        int[] tokens = await peer.RunAsync(4, 100, 600, first: 50);
        peer.Kill();
        InferenceRequest rest = first with { Run = 1, Resumed = [.. tokens] };

        Generation generation = await node.StartAsync(
            rest, await node.ReserveAsync(rest), new KvSource { Endpoint = endpoint, Blocks = 9 });
        await generation.Ended.Within();

        File.Delete(path);
        Assert.Equal(100, generation.Usage.CachedTokens);
        Assert.Equal(await AloneAsync(first), (int[])[.. tokens, .. generation.Ids]);
        Assert.InRange(node.Shared.Metrics.Copied / node.Harness.Loop.Blocks!.Layout.BlockBytes, 8, 9);
        Assert.Empty(await node.Engine.CheckIntegrityAsync());
    }

    [SharedFact]
    public async Task APushThatIsCutOff_CostsTime_NotTokens()
    {
        StepGate gate = new(from: 2);
        await using KvEngineNode decode = Node("d");
        KvEngineNode prefill = new(
            "p", new HookedRunner(ModelLoader.Load(SharedData.DemoModel, PeerProcess.Options), gate.BeforeStep), Options,
            new EngineLoopOptions { MaxBatchTokens = 64, MaxRunning = 8 });
        InferenceRequest request = EngineHarness.Request(EngineHarness.Prompt(7, 150, 4_000), 20);
        KvLease lease = await decode.ReserveAsync(request);
        Assert.True(await prefill.Engine.PrefillForAsync(request, lease).AsTask().Within());
        Generation generation = await decode.StartAsync(request, lease, Push(prefill));
        await gate.ArrivedAsync();
        gate.Open();
        await prefill.DisposeAsync();
        await generation.Ended.Within();

        Assert.Equal(await AloneAsync(request), generation.Ids);
        Assert.Empty(await decode.Engine.CheckIntegrityAsync());
    }

    private static KvEngineNode Node(string silo) =>
        new(silo, ModelLoader.Load(SharedData.DemoModel, PeerProcess.Options), Options);

    private static KvSource Push(KvEngineNode from) => new() { Endpoint = from.Engine.Descriptor.Kv!, IsPush = true };

    private static async Task<Generation> SplitAsync(KvEngineNode prefill, KvEngineNode decode, InferenceRequest request)
    {
        KvLease lease = await decode.ReserveAsync(request);
        Assert.True(await prefill.Engine.PrefillForAsync(request, lease).AsTask().Within());
        Generation generation = await decode.StartAsync(request, lease, Push(prefill));
        await generation.Ended.Within();
        return generation;
    }

    private static async Task<int[]> AloneAsync(InferenceRequest request)
    {
        await using EngineHarness engine = new(ModelLoader.Load(SharedData.DemoModel, new ModelOptions { KvBlocks = 100 }));
        return (await engine.RunAsync(request with { KvFrom = null })).Ids;
    }
}
