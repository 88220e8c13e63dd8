using XLLM.Contracts.Ids;
using XLLM.Contracts.Kv;
using XLLM.Contracts.Requests;
using XLLM.Engine.Execution;
using XLLM.Engine.Loop;
using XLLM.Engine.Simulated;
using XLLM.Engine.Transfer;
using XLLM.Testing;

namespace XLLM.Engine.Tests.Loop;

/// <summary>Prompts computed for other engines, and requests that wait for what others compute.</summary>
public class KvRequestTests
{
    private static readonly SimulatedModelOptions Model = new();

    [Theory]
    [InlineData(100, 0, 512)]
    [InlineData(100, 37, 16)]
    [InlineData(96, 0, 7)]
    [InlineData(16, 0, 512)]
    public async Task APromptComputedForAnother_GivesAllItsFullBlocks_AndTheOtherOnlyComputesTheRest(
        int prompt, int resumed, int chunk)
    {
        InferenceRequest request = EngineHarness.Request(EngineHarness.Prompt(1, prompt), 50);
        await using EngineHarness alone = new(Model);
        int[] whole = (await alone.RunAsync(request)).Ids;
        request = request with { Resumed = [.. whole.AsSpan(0, resumed)], Run = 1, Id = RequestId.New() };
        await using EngineHarness first = new(Model, new EngineLoopOptions { MaxBatchTokens = chunk, MaxRunning = 4 });
        await using EngineHarness second = new(Model);
        Generation beside = await first.StartAsync(EngineHarness.Request(EngineHarness.Prompt(2, 30), 60));

        IKvPrefill? prefill = await first.Loop.PrefillAsync(request);
        Assert.NotNull(prefill);
        Generation hit = await HandOverAsync(prefill, first, second, request);
        await prefill.DisposeAsync();

        int blocks = (prompt + resumed) / 16;
        Assert.Equal(whole[resumed..], hit.Ids);
        Assert.Equal(Math.Min(prompt, (prompt + resumed - 1) / 16 * 16), hit.Usage.CachedTokens);
        Assert.Equal(blocks, second.Loop.Blocks is null ? 0 : blocks);
        await beside.Ended.Within();
        await first.AssertSoundAsync();
        await second.AssertSoundAsync();
        Assert.Equal(0, first.Loop.Load.Running + first.Loop.Load.Waiting);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task WhileAStepComputesALayer_ThoseBeforeItAreTold_AndTheWholeIsRight(bool asynchronous)
    {
        SimulatedModelOptions layered = Model with { Layers = 4 };
        SemaphoreSlim pass = new(0);
        InferenceRequest request = EngineHarness.Request(EngineHarness.Prompt(1, 70), 20);
        await using EngineHarness alone = new(layered);
        int[] whole = (await alone.RunAsync(request)).Ids;
        await using EngineHarness first = new(
            new SimulatedModelRunner(layered, afterLayer: _ => Assert.True(pass.Wait(TimeSpan.FromSeconds(60)))),
            new EngineLoopOptions { AsyncScheduling = asynchronous, MaxBatchTokens = 40, MaxRunning = 4 });
        await using EngineHarness second = new(layered);
        IKvBlockStore source = first.Loop.Blocks!;
        IKvBlockStore target = second.Loop.Blocks!;
        KvChain chain = KvPort.Chain(source, request);
        KvHold filled = await target.AllocateAsync(4);
        await using IKvPrefill? prefill = await first.Loop.PrefillAsync(request);
        List<(int First, int Blocks, int Layer, int Layers)> told = [];

        // Two chunks: blocks 0 and 1, then 2 and 3. After each layer the step waits until the layer has been taken over.
        for (int layer = 0; layer < 8; layer++)
        {
            KvProgress progress = await prefill!.Progress.ReadAsync().AsTask().Within();
            told.Add((progress.First, progress.Blocks.Length, progress.FirstLayer, progress.Layers));
            for (int i = 0; i < progress.Blocks.Length; i++)
            {
                int bytes = (int)source.Layout.LayerBytes;
                KvPort.Bytes(source, progress.Blocks[i]).Slice(progress.FirstLayer * bytes, bytes)
                    .CopyTo(KvPort.Bytes(target, filled.Blocks[progress.First + i])[(progress.FirstLayer * bytes)..]);
            }

            pass.Release();
        }

        await prefill!.Progress.Completion.Within();
        Assert.Equal(
            [(0, 2, 0, 1), (0, 2, 1, 1), (0, 2, 2, 1), (0, 2, 3, 1), (2, 2, 0, 1), (2, 2, 1, 1), (2, 2, 2, 1), (2, 2, 3, 1)],
            told);
        target.Release(await target.StoreAsync(filled, chain, 0));
        Generation hit = await second.RunAsync(request);
        Assert.Equal(whole, hit.Ids);
        Assert.Equal(64, hit.Usage.CachedTokens);
        pass.Release(1_000);
    }

    [Fact]
    public async Task APromptTheCacheHas_NeedsNoStep()
    {
        await using EngineHarness engine = new(Model);
        InferenceRequest request = EngineHarness.Request(EngineHarness.Prompt(1, 80), 10);
        await engine.RunAsync(request);
        long steps = engine.Loop.Load.Steps;

        await using IKvPrefill? prefill = await engine.Loop.PrefillAsync(request);
        List<KvProgress> progress = await ReadAsync(prefill!);

        Assert.Equal(steps, engine.Loop.Load.Steps);
        Assert.Equal([0], progress.Select(p => p.First));
        Assert.Equal(5, progress[0].Blocks.Length);
        await engine.AssertSoundAsync();
    }

    [Fact]
    public async Task ABeginningTheCacheHas_IsToldFirst()
    {
        await using EngineHarness engine = new(Model, new EngineLoopOptions { MaxBatchTokens = 16, MaxRunning = 4 });
        int[] prompt = EngineHarness.Prompt(1, 96);
        await engine.RunAsync(EngineHarness.Request(prompt[..48], 1));

        await using IKvPrefill? prefill = await engine.Loop.PrefillAsync(EngineHarness.Request(prompt, 10));
        List<KvProgress> progress = await ReadAsync(prefill!);

        Assert.Equal([3, 1, 1, 1], progress.GroupBy(p => p.First).Select(group => group.First().Blocks.Length));
        Assert.Equal(6, progress.SelectMany(p => p.Blocks).Distinct().Count());
    }

    [Fact]
    public async Task EndedInTheMiddle_ItGivesItsBlocksBack_AndSaysSo()
    {
        StepGate gate = new(from: 3);
        await using EngineHarness engine = new(
            Model, new EngineLoopOptions { MaxBatchTokens = 32, MaxRunning = 4 }, gate.BeforeStep);
        InferenceRequest request = EngineHarness.Request(EngineHarness.Prompt(1, 200), 10);
        IKvPrefill? prefill = await engine.Loop.PrefillAsync(request);
        await gate.ArrivedAsync();
        Assert.Null(await engine.Loop.PrefillAsync(request));

        await prefill!.DisposeAsync();
        await prefill.DisposeAsync();
        gate.Open();

        await Assert.ThrowsAsync<KvPrefillException>(() => ReadAsync(prefill)).Within();
        await engine.AssertSoundAsync();
        Assert.Equal(engine.Loop.Descriptor.TotalBlocks, engine.Loop.Load.FreeBlocks);
        Assert.False(await engine.Loop.EndAsync(request.Id, RequestOutcome.Cancelled));
    }

    [Fact]
    public async Task WhatCannotBeComputed_IsRefused_AndAnEngineThatStopsSaysSo()
    {
        EngineHarness engine = new(Model, new EngineLoopOptions { MaxWaiting = 1 }, new StepGate().BeforeStep);
        InferenceRequest request = EngineHarness.Request(EngineHarness.Prompt(1, 100), 10);
        Assert.Null(await engine.Loop.PrefillAsync(request with { PromptTokens = request.PromptTokens[..15] }));
        Assert.Null(await engine.Loop.PrefillAsync(EngineHarness.Request(EngineHarness.Prompt(1, 4_090), 10)));
        LeaseResult lease = await engine.Loop.ReserveAsync(request);
        Assert.Null(await engine.Loop.PrefillAsync(request));
        engine.Loop.Release(request.Id, lease.Lease!.Id);
        engine.Loop.Drain();
        Assert.Null(await engine.Loop.PrefillAsync(request));
        await engine.DisposeAsync();

        EngineHarness other = new(Model);
        IKvPrefill? prefill = await other.Loop.PrefillAsync(EngineHarness.Request(EngineHarness.Prompt(1, 3_000), 10));
        await other.Loop.DisposeAsync();
        await ReadAsync(prefill!).ContinueWith(_ => { }, TaskScheduler.Default).Within();
        await prefill!.DisposeAsync();
    }

    [Fact]
    public async Task AParkedRequest_IsInNoStepUntilItsKvHasCome()
    {
        InferenceRequest request = EngineHarness.Request(EngineHarness.Prompt(1, 100), 20);
        InferenceRequest later = EngineHarness.Request(EngineHarness.Prompt(2, 100), 20);
        await using EngineHarness first = new(Model);
        int[] whole = (await first.RunAsync(request)).Ids;
        await using EngineHarness second = new(Model);
        Generation parked = await ParkAsync(second, request);

        await second.RunAsync(later);
        Assert.Empty(parked.Chunks);
        Assert.Equal((0, 1), (second.Loop.Load.Running, second.Loop.Load.Waiting));
        await KvPort.MoveAsync(first.Loop, second.Loop, KvPort.Chain(first.Loop.Blocks!, request));
        second.Loop.Unpark(request.Id);
        second.Loop.Unpark(request.Id);
        second.Loop.Unpark(RequestId.New());

        await parked.Ended.Within();
        Assert.Equal(whole, parked.Ids);
        Assert.Equal((96, 96), (parked.Usage.CachedTokens, parked.Usage.FoundTokens));
        Assert.InRange(parked.Usage.KvSeconds, 0, parked.Usage.QueueSeconds);
        await second.AssertSoundAsync();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task AParkedRequest_CanBeEnded_AndGoesOnWithoutKvWhenItsTimeIsOver(bool ends)
    {
        ManualTime time = new();
        await using EngineHarness engine = new(
            new SimulatedModelRunner(Model), new EngineLoopOptions { ParkTime = TimeSpan.FromSeconds(3) }, time);
        InferenceRequest request = EngineHarness.Request(EngineHarness.Prompt(1, 100), 20) with { Arrival = time.GetUtcNow() };
        Generation parked = await ParkAsync(engine, request);
        await time.ArmedAsync();
        if (ends)
        {
            Assert.True(await engine.Loop.EndAsync(request.Id, RequestOutcome.Cancelled));
        }
        else
        {
            time.Advance(TimeSpan.FromSeconds(2.9));
            await engine.AssertSoundAsync();
            Assert.Empty(parked.Chunks);
            time.Advance(TimeSpan.FromSeconds(0.1));
        }

        await parked.Ended.Within();
        Assert.Equal(ends ? RequestOutcome.Cancelled : RequestOutcome.CompletedLength, parked.Outcome);
        Assert.Equal(ends ? 0 : 20, parked.Ids.Length);
        Assert.Equal(0, engine.Loop.Load.Waiting);
    }

    [Fact]
    public async Task AParkedRequest_ExpiresWithItsQueueDeadline()
    {
        ManualTime time = new();
        await using EngineHarness engine = new(new SimulatedModelRunner(Model), time: time);
        InferenceRequest request = EngineHarness.Request(EngineHarness.Prompt(1, 100), 20) with
        {
            Arrival = time.GetUtcNow(), QueueDeadline = time.GetUtcNow() + TimeSpan.FromSeconds(1),
        };
        Generation parked = await ParkAsync(engine, request);
        await time.ArmedAsync();
        time.Advance(TimeSpan.FromSeconds(1));

        await parked.Ended.Within();
        Assert.Equal(RequestOutcome.ExpiredInQueue, parked.Outcome);
        await engine.AssertSoundAsync();
    }

    private static async Task<Generation> ParkAsync(EngineHarness engine, InferenceRequest request)
    {
        LeaseResult lease = await engine.Loop.ReserveAsync(request);
        Generation generation = engine.Of(request);
        Assert.True(await engine.Loop.StartParkedAsync(request, lease.Lease!));
        return generation;
    }

    /// <summary>A decode instance that gets blocks as they are computed, layer by layer where they come so.</summary>
    private static async Task<Generation> HandOverAsync(
        IKvPrefill prefill, EngineHarness from, EngineHarness to, InferenceRequest request)
    {
        IKvBlockStore source = from.Loop.Blocks!;
        IKvBlockStore target = to.Loop.Blocks!;
        Generation parked = await ParkAsync(to, request);
        KvChain chain = KvPort.Chain(source, request);
        KvHold filled = await target.AllocateAsync(chain.Hashes.Length);
        int next = 0;
        foreach (KvProgress progress in await ReadAsync(prefill))
        {
            if (progress.FirstLayer + progress.Layers == source.Layout.Layers)
            {
                Assert.Equal(next, progress.First);
                next += progress.Blocks.Length;
            }

            for (int i = 0; i < progress.Blocks.Length; i++)
            {
                KvPort.Copy(source, progress.Blocks[i], target, filled.Blocks[progress.First + i]);
            }
        }

        Assert.Equal(chain.Hashes.Length, next);
        target.Release(await target.StoreAsync(filled, chain, 0));
        to.Loop.Unpark(request.Id);
        await parked.Ended.Within();
        return parked;
    }

    private static async Task<List<KvProgress>> ReadAsync(IKvPrefill prefill)
    {
        List<KvProgress> all = [];
        await foreach (KvProgress progress in prefill.Progress.ReadAllAsync().WithCancellation(
            new CancellationTokenSource(TimeSpan.FromSeconds(60)).Token))
        {
            all.Add(progress);
        }

        return all;
    }
}
