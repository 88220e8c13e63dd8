using System.Runtime.InteropServices;
using XLLM.Contracts.Ids;
using XLLM.Contracts.Requests;
using XLLM.Engine.Execution;
using XLLM.Engine.Tests.Loop;
using XLLM.Engine.Transfer;
using XLLM.Scheduling.Blocks;
using XLLM.Testing;

namespace XLLM.Engine.Tests.Transfer;

/// <summary>KV of other processes of the machine, dead ones too.</summary>
public class PeerPoolTests
{
    [SharedFact]
    public async Task AKilledProcessKv_IsTakenOver_AndOnlyTheTailIsComputed()
    {
        using Peer peer = await Peer.StartAsync();
        await using EngineHarness engine = new(ModelLoader.Load(SharedData.DemoModel, PeerProcess.Options));
        IKvBlockStore blocks = engine.Loop.Blocks!;
        using PeerPool pool = peer.Open(blocks.Layout);
        int[] tokens = await peer.RunAsync(1, 200, 800, first: 200);
        peer.Kill();

        InferenceRequest request = PeerProcess.Request(1, 200, 300);
        InferenceRequest rest = request with { Resumed = [.. tokens], Run = 1 };
        (KvHold hold, int copied) = await PeerBlocks.TakeAsync(blocks, pool, KvPort.Chain(blocks, rest));
        blocks.Release(hold);
        Generation generation = await engine.RunAsync(rest);
        Assert.Equal(0, engine.Loop.Load.PromptTokens);

        // 400 tokens are 25 blocks; the step that computed the last token may not have been committed.
        Assert.InRange(copied, 24, 25);
        Assert.Equal(200, generation.Usage.CachedTokens);
        await using EngineHarness alone = new(ModelLoader.Load(SharedData.DemoModel, new ModelOptions { KvBlocks = 100 }));
        Generation whole = await alone.RunAsync(request);
        Assert.Equal(whole.Ids, (int[])[.. tokens, .. generation.Ids]);
        await engine.AssertSoundAsync();
    }

    [SharedFact]
    public async Task ALivingProcess_IsReadWhileItComputes_AndWhatIsTakenIsRight()
    {
        using Peer peer = await Peer.StartAsync();
        await using EngineHarness engine = new(ModelLoader.Load(SharedData.DemoModel, PeerProcess.Options));
        IKvBlockStore blocks = engine.Loop.Blocks!;
        using PeerPool pool = peer.Open(blocks.Layout);
        for (int seed = 0; seed < 6; seed++)
        {
            // More than the other pool keeps, so that blocks go while they are looked at.
            Task<int[]> running = peer.RunAsync(seed, 400, 60, first: 61);
            InferenceRequest request = PeerProcess.Request(seed, 400, 20);
            int copied = 0;
            for (int tries = 0; tries < 200 && copied == 0; tries++)
            {
                (KvHold hold, copied) = await PeerBlocks.TakeAsync(blocks, pool, KvPort.Chain(blocks, request));
                blocks.Release(hold);
            }

            Generation generation = await engine.RunAsync(request);
            Assert.Equal((await running.Within())[..20], generation.Ids);
        }

        await engine.AssertSoundAsync();
    }

    [SharedFact]
    public void OnlyThePoolThatIsMeant_IsOpened()
    {
        using ModelRunner runner = ModelLoader.Load(SharedData.DemoModel, PeerProcess.Options);
        using ModelRunner plain = ModelLoader.Load(SharedData.DemoModel, new ModelOptions { KvBlocks = 10 });
        KvLayout layout = runner.Kv!.Layout;
        InstanceId instance = InstanceId.Of("silo", "one");
        Assert.Null(PeerPool.TryOpen(Environment.ProcessId, instance, 5, layout));
        runner.Kv.Tags!.Open(instance, 5, layout);

        Assert.Null(plain.Kv!.Tags);
        Assert.Null(PeerPool.TryOpen(Environment.ProcessId, instance, 4, layout));
        Assert.Null(PeerPool.TryOpen(Environment.ProcessId, InstanceId.Of("silo", "two"), 5, layout));
        Assert.Null(PeerPool.TryOpen(Environment.ProcessId, instance, 5, layout with { Fingerprint = "other" }));
        Assert.Null(PeerPool.TryOpen(Environment.ProcessId, instance, 5, layout with { BlockBytes = layout.BlockBytes * 2 }));
        Assert.Null(PeerPool.TryOpen(int.MaxValue, instance, 5, layout));
        using PeerPool? pool = PeerPool.TryOpen(Environment.ProcessId, instance, 5, layout);
        Assert.Equal(100, pool!.Blocks);
        Assert.Empty(pool.List());
    }

    [SharedFact]
    public async Task ABlockThatChangesWhileItIsCopied_IsNeverTakenForWhatItWas()
    {
        const int Contents = 50;
        using ModelRunner runner = ModelLoader.Load(SharedData.DemoModel, PeerProcess.Options);
        IKvMemory memory = runner.Kv!;
        InstanceId instance = InstanceId.Of("silo", "one");
        memory.Tags!.Open(instance, 5, memory.Layout);
        using PeerPool pool = PeerPool.TryOpen(Environment.ProcessId, instance, 5, memory.Layout)!;
        KvChain[] chains = [.. Enumerable.Range(0, Contents).Select(i =>
        {
            int[] tokens = EngineHarness.Prompt(i, memory.Layout.BlockTokens);
            return new KvChain(new BlockHasher(memory.Layout.BlockTokens).HashPrompt(tokens), [.. tokens], "");
        })];
        using CancellationTokenSource stop = new();
        Task writer = Task.Run(() =>
        {
            Random random = new(1);
            while (!stop.IsCancellationRequested)
            {
                int block = random.Next(2);
                int content = random.Next(Contents);
                memory.Tags.Clear(block);
                Span(memory.AddressOf(block), memory.Layout).Fill((byte)(content + 1));
                memory.Tags.Set(block, chains[content].Hashes[0], default, chains[content].Tokens.AsSpan());
            }
        });

        byte[] copy = GC.AllocateArray<byte>((int)memory.Layout.BlockBytes, pinned: true);
        int good = 0;
        int bad = 0;
        for (long began = Environment.TickCount64; Environment.TickCount64 - began < 10_000 && (good < 500 || bad < 50);)
        {
            foreach ((BlockHash hash, int block) in pool.List())
            {
                int content = Array.FindIndex(chains, chain => chain.Hashes[0] == hash);
                if (pool.TryCopy(block, chains[content], 0, Marshal.UnsafeAddrOfPinnedArrayElement(copy, 0)))
                {
                    good++;
                    Assert.Equal(-1, copy.AsSpan().IndexOfAnyExcept((byte)(content + 1)));
                }
                else
                {
                    bad++;
                }
            }
        }

        await stop.CancelAsync();
        await writer;
        Assert.True(good > 0, "no copy succeeded");
    }

    private static unsafe Span<byte> Span(nint address, KvLayout layout) => new((void*)address, (int)layout.BlockBytes);
}
