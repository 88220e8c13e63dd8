using System.Collections.Immutable;
using XLLM.Contracts.Ids;
using XLLM.Contracts.Ports;
using XLLM.Contracts.Requests;
using XLLM.Engine.Execution;
using XLLM.Engine.Loop;
using XLLM.Engine.Simulated;
using XLLM.Engine.Transfer;
using XLLM.Scheduling.Blocks;
using XLLM.Testing;

namespace XLLM.Engine.Tests.Loop;

/// <summary>KV blocks that come from and go to others while the engine works.</summary>
public class KvBlockStoreTests
{
    private static readonly SimulatedModelOptions Model = new();

    [Fact]
    public async Task BlocksTakenOver_AreAPrefixHitWithTheTokensOfTheirOwner()
    {
        InferenceRequest request = EngineHarness.Request(EngineHarness.Prompt(1, 100), 40);
        await using EngineHarness first = new(Model);
        await using EngineHarness second = new(Model);
        Generation whole = await first.RunAsync(request);

        int moved = await KvPort.MoveAsync(first.Loop, second.Loop, KvPort.Chain(first.Loop.Blocks!, request));
        Generation hit = await second.RunAsync(request);

        Assert.Equal(6, moved);
        Assert.Equal(96, hit.Usage.CachedTokens);
        Assert.Equal(whole.Ids, hit.Ids);
        Assert.Equal(4, second.Loop.Load.PromptTokens);
        await second.AssertSoundAsync();
    }

    [SharedFact]
    public async Task WithARealModel_BlocksOfEveryKindTakenOverAndResumed_GiveTheSameTokens()
    {
        foreach (Engine.Memory.KvType type in Enum.GetValues<Engine.Memory.KvType>())
        {
            ModelOptions options = new() { KvBlocks = 100, KvType = type };
            await using EngineHarness first = new(ModelLoader.Load(SharedData.DemoModel, options));
            ModelRunner runner = ModelLoader.Load(SharedData.DemoModel, options with { KvShared = true });
            await using EngineHarness second = new(runner);
            InferenceRequest request = EngineHarness.Request(EngineHarness.Prompt(1, 70, 4_000), 60);
            Generation whole = await first.RunAsync(request);
            InferenceRequest rest = request with { Resumed = [.. whole.Ids.AsSpan(0, 40)], Run = 1 };

            Assert.Equal(first.Loop.Blocks!.Layout.LayerBytes, second.Loop.Blocks!.Layout.LayerBytes);
            int moved = await KvPort.MoveAsync(first.Loop, second.Loop, KvPort.Chain(first.Loop.Blocks!, rest));
            Generation hit = await second.RunAsync(rest);

            Assert.Equal(6, moved);
            Assert.Equal(70, hit.Usage.CachedTokens);
            Assert.Equal(0, second.Loop.Load.PromptTokens);
            Assert.Equal(whole.Ids[40..], hit.Ids);
            Assert.Equal(second.Loop.Blocks!.Layout.Layers, runner.LayersDone);
        }
    }

    [SharedFact]
    public async Task TheFingerprint_TellsModelsAndKindsOfKvApart()
    {
        HashSet<string> prints = [];
        foreach (ModelOptions options in (ModelOptions[])[
            new(), new() { KvType = Engine.Memory.KvType.F32 }, new() { BlockTokens = 32 }, new() { FloatActivations = true }])
        {
            using ModelRunner runner = ModelLoader.Load(SharedData.DemoModel, options with { KvBlocks = 10 });
            using ModelRunner again = ModelLoader.Load(SharedData.DemoModel, options with { KvBlocks = 20, Name = "other" });
            Assert.Equal(runner.Kv!.Layout, again.Kv!.Layout);
            Assert.True(prints.Add(runner.Kv.Layout.Fingerprint));
        }

        using ModelRunner draft = ModelLoader.Load(SharedData.DemoDraftModel, new ModelOptions { KvBlocks = 10 });
        Assert.True(prints.Add(draft.Kv!.Layout.Fingerprint));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task ABlockGivenBackDuringAStep_IsNotHandedOutBeforeTheStepHasEnded(bool preempts)
    {
        // All blocks are the first request's, whose step stands at the gate.
        StepGate gate = new(from: 2);
        await using EngineHarness engine = new(
            Model with { Blocks = 16 }, new EngineLoopOptions { WatermarkShare = 0 }, gate.BeforeStep);
        InferenceRequest request = EngineHarness.Request(EngineHarness.Prompt(1, 200), 20);
        InferenceRequest online = EngineHarness.Request(EngineHarness.Prompt(2, 220), 2);
        request = request with { Priority = preempts ? RequestPriority.Offline : RequestPriority.Online };
        Generation generation = await engine.StartAsync(request);
        await gate.ArrivedAsync();
        if (preempts)
        {
            await engine.StartAsync(online);
            await engine.AssertSoundAsync();
        }
        else
        {
            await engine.Loop.EndAsync(request.Id, RequestOutcome.Cancelled);
        }

        ValueTask<KvHold> asked = engine.Loop.Blocks!.AllocateAsync(8);
        await engine.AssertSoundAsync();
        Assert.False(asked.IsCompleted, "the running step may still write into these blocks");
        gate.Open();
        KvHold hold = await asked.AsTask().Within();
        int held = hold.Blocks.Length;
        foreach (int block in hold.Blocks)
        {
            KvPort.Bytes(engine.Loop.Blocks, block).Fill(0xAB);
        }

        await generation.Ended.Within();
        await engine.AssertSoundAsync();
        Assert.All(hold.Blocks, block =>
            Assert.Equal(-1, KvPort.Bytes(engine.Loop.Blocks, block).IndexOfAnyExcept((byte)0xAB)));
        engine.Loop.Blocks.Release(hold);
        Assert.Equal(preempts ? 2 : 8, held);
        if (preempts)
        {
            await using EngineHarness alone = new(Model);
            Assert.Equal((await alone.RunAsync(request)).Ids, generation.Ids);
        }
    }

    [Fact]
    public async Task WithoutAStep_AnAllocationIsAnsweredAtOnce_AndLeavesRoomForRequests()
    {
        await using EngineHarness engine = new(Model with { Blocks = 100 }, new EngineLoopOptions { WatermarkShare = 0.1 });

        KvHold half = await engine.Loop.Blocks!.AllocateAsync(80);
        KvHold none = await engine.Loop.Blocks.AllocateAsync(10);

        Assert.Equal(50, half.Blocks.Length);
        Assert.Equal(50, half.Blocks.Distinct().Count());
        Assert.Same(KvHold.Empty, none);
        Assert.Equal(50, engine.Loop.Load.FreeBlocks);
        engine.Loop.Blocks.Release(half);
        engine.Loop.Blocks.Release(half);
        engine.Loop.Blocks.Release(none);
        await engine.AssertSoundAsync();
        Assert.Equal(100, engine.Loop.Load.FreeBlocks);
    }

    [Fact]
    public async Task OnlyWhatFollowsAKnownBlock_IsStored_AndTheRestIsFree()
    {
        int[] tokens = EngineHarness.Prompt(4, 128);
        await using EngineHarness engine = new(Model);
        IKvBlockStore store = engine.Loop.Blocks!;
        KvChain chain = KvPort.Chain(store, tokens);

        KvHold orphan = await store.StoreAsync(await store.AllocateAsync(3), chain, 2);
        KvHold first = await store.StoreAsync(await store.AllocateAsync(4), chain, 0);
        KvHold overlap = await store.StoreAsync(await store.AllocateAsync(4), chain, 2);

        Assert.Same(KvHold.Empty, orphan);
        Assert.Equal(4, first.Blocks.Length);
        Assert.Equal(6, overlap.Blocks.Length);
        Assert.Equal(first.Blocks.ToArray(), overlap.Blocks[..4].ToArray());
        await engine.AssertSoundAsync();
        BlockEventBatch events = engine.Loop.TakeBlockEvents();
        Assert.Equal(chain.Hashes[..6].ToArray(), events.Events.Select(e => e.Block).ToArray());
        store.Release(first);
        store.Release(overlap);
        await engine.AssertSoundAsync();
        Assert.Equal(engine.Loop.Descriptor.TotalBlocks, engine.Loop.Load.FreeBlocks);
        KvHold again = await store.HoldAsync(chain);
        Assert.Equal(overlap.Blocks.ToArray(), again.Blocks.ToArray());
        Assert.Empty((await store.HoldAsync(KvPort.Chain(store, tokens, "salt"))).Blocks);
        store.Release(again);
    }

    [Fact]
    public async Task ChainsThatDoNotFitTheirTokens_AreRefused()
    {
        await using EngineHarness engine = new(Model);
        IKvBlockStore store = engine.Loop.Blocks!;
        KvChain chain = KvPort.Chain(store, EngineHarness.Prompt(4, 64));
        KvHold filled = await store.AllocateAsync(4);

        await Assert.ThrowsAsync<ArgumentException>(async () => await store.HoldAsync(chain with { Tokens = chain.Tokens[..63] }));
        await Assert.ThrowsAsync<ArgumentException>(
            async () => await store.StoreAsync(filled, chain with { Hashes = [.. chain.Hashes.Reverse()] }, 0));
        await Assert.ThrowsAsync<ArgumentException>(async () => await store.StoreAsync(filled, chain, 5));
        store.Release(filled);
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await store.StoreAsync(filled, chain, 0));
        await engine.AssertSoundAsync();
    }

    [Fact]
    public async Task TheList_HasEveryBlockOnce_AndWhatItSaysIsNotSaidAgain()
    {
        await using EngineHarness engine = new(Model);
        int[] tokens = EngineHarness.Prompt(5, 80);
        await engine.RunAsync(EngineHarness.Request(tokens, 20));
        await engine.RunAsync(EngineHarness.Request([.. tokens[..48], .. EngineHarness.Prompt(6, 40)], 2));

        BlockEventBatch list = await engine.Loop.ListBlocksAsync();

        Assert.Equal(6 + 2, list.Events.Length);
        Assert.Equal(8, list.Events.Select(e => e.Block).Distinct().Count());
        Assert.Single(list.Events.Select(e => e.Root).Distinct());
        Assert.All(list.Events, e => Assert.True(e.Stored));
        Assert.Same(BlockEventBatch.Empty, engine.Loop.TakeBlockEvents());
        await engine.RunAsync(EngineHarness.Request(EngineHarness.Prompt(7, 20), 2));
        Assert.Single(engine.Loop.TakeBlockEvents().Events);
    }

    [Fact]
    public async Task TheMemory_IsFreedWhenTheLastHoldEnds()
    {
        SimulatedModelRunner runner = new(Model);
        EngineHarness engine = new(runner);
        IKvBlockStore store = engine.Loop.Blocks!;
        KvHold one = await store.AllocateAsync(3);
        KvHold two = await store.AllocateAsync(3);
        store.Release(one);

        await engine.DisposeAsync();

        Assert.False(runner.IsDisposed);
        Assert.Empty((await store.AllocateAsync(3)).Blocks);
        Assert.Empty((await store.HoldAsync(KvPort.Chain(store, EngineHarness.Prompt(1, 64)))).Blocks);
        Assert.Empty((await engine.Loop.ListBlocksAsync()).Events);
        store.Release(two);
        Assert.True(runner.IsDisposed);
        store.Release(two);
    }

    [Fact]
    public async Task AHoldThatWasDropped_IsFound()
    {
        EngineHarness engine = new(Model);
        await LeakAsync(engine.Loop.Blocks!);

        // A thread's stack may still lead to it for a while.
        IReadOnlyList<string> faults = [];
        for (int i = 0; i < 100 && faults.Count == 0; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            faults = await engine.Loop.CheckIntegrityAsync();
        }

        Assert.Contains("dropped", Assert.Single(faults), StringComparison.Ordinal);
        await engine.Loop.DisposeAsync();

        [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
        static async Task LeakAsync(IKvBlockStore store) => Assert.Equal(3, (await store.AllocateAsync(3)).Blocks.Length);
    }

    [Theory]
    [InlineData(1, true)]
    [InlineData(2, true)]
    [InlineData(3, false)]
    public async Task RandomLivesOfTwoEnginesThatExchangeBlocks_GiveTheTokensOfEachAlone(int seed, bool asynchronous)
    {
        SimulatedModelOptions small = Model with { Blocks = 40, Ranges = seed == 2 ? 4 : 0 };
        EngineLoopOptions options = new() { AsyncScheduling = asynchronous, WatermarkShare = 0.05 };
        await using EngineHarness first = new(small, options);
        await using EngineHarness second = new(small, options);
        EngineHarness[] engines = [first, second];
        Random random = new(seed);
        InferenceRequest[] requests = [.. Enumerable.Range(0, 40).Select(i => EngineHarness.Request(
            [.. EngineHarness.Prompt(i % 5, 48), .. EngineHarness.Prompt(100 + i, 1 + random.Next(60))], 1 + random.Next(60)))];

        await Task.WhenAll(Enumerable.Range(0, 4).Select(worker => Task.Run(async () =>
        {
            Random own = new((seed * 100) + worker);
            for (int i = worker; i < requests.Length; i += 4)
            {
                InferenceRequest request = requests[i];
                int at = own.Next(2);
                if (own.Next(3) > 0)
                {
                    InferenceRequest source = requests[own.Next(requests.Length)];
                    await KvPort.MoveAsync(engines[1 - at].Loop, engines[at].Loop, KvPort.Chain(first.Loop.Blocks!, source));
                }

                KvHold scratch = await engines[at].Loop.Blocks!.AllocateAsync(own.Next(6));
                foreach (int block in scratch.Blocks)
                {
                    KvPort.Bytes(engines[at].Loop.Blocks!, block).Fill(0xCD);
                }

                Generation generation = await engines[at].StartAsync(request);
                engines[at].Loop.Blocks!.Release(scratch);
                if (own.Next(4) == 0)
                {
                    await engines[at].Loop.EndAsync(request.Id, RequestOutcome.Cancelled);
                }

                await generation.Ended.Within();
                await using EngineHarness alone = new(Model, new EngineLoopOptions { PrefixCache = false });
                int[] expected = (await alone.RunAsync(request)).Ids;
                Assert.Equal(expected[..generation.Ids.Length], generation.Ids);
                Assert.True(generation.Ids.Length == expected.Length || generation.Outcome == RequestOutcome.Cancelled);
                await engines[at].AssertSoundAsync();
            }
        })));
    }
}
