using XLLM.Contracts.Ids;
using XLLM.Contracts.Kv;
using XLLM.Contracts.Requests;
using XLLM.Engine.Execution;
using XLLM.Engine.Loop;
using XLLM.Engine.Simulated;
using XLLM.Engine.Tests.Loop;
using XLLM.Engine.Transfer;
using XLLM.Testing;

namespace XLLM.Engine.Tests.Transfer;

/// <summary>A prompt computed by one engine and continued by another gives the tokens it gives on one.</summary>
public class SplitTests
{
    private const int PromptTokens = 200;
    private const int FullBlocks = PromptTokens / 16;

    private static readonly SimulatedModelOptions Model = new();
    private static readonly EngineLoopOptions Chunked = new() { MaxBatchTokens = 64, MaxRunning = 8 };

    [Fact]
    public async Task APromptComputedElsewhere_GivesTheSameTokens()
    {
        await using KvEngineNode prefill = new("p", new SimulatedModelRunner(Model), engine: Chunked);
        await using KvEngineNode decode = new("d", new SimulatedModelRunner(Model), engine: Chunked);
        InferenceRequest request = EngineHarness.Request(EngineHarness.Prompt(1, PromptTokens), 40);

        Generation split = await SplitAsync(prefill, decode, request);

        Assert.Equal(await AloneAsync(request), split.Ids);
        Assert.Equal(0, split.Usage.CachedTokens);
        Assert.Equal(0, decode.Engine.Load.PrefixHitTokens);
        Assert.Equal(PromptTokens - (FullBlocks * 16), decode.Engine.Load.PromptTokens);
        Assert.Equal(FullBlocks * 16, prefill.Engine.Load.PromptTokens);
        Assert.Empty(await decode.Engine.CheckIntegrityAsync());
        Assert.Empty(await prefill.Engine.CheckIntegrityAsync());
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(0, 96)]
    [InlineData(64, 0)]
    [InlineData(64, 96)]
    [InlineData(200, 48)]
    public async Task WhatEitherSideHadBefore_CountsAsCached_AsOnOneInstance(int atPrefill, int atDecode)
    {
        await using KvEngineNode prefill = new("p", new SimulatedModelRunner(Model), engine: Chunked);
        await using KvEngineNode decode = new("d", new SimulatedModelRunner(Model), engine: Chunked);
        await using KvEngineNode alone = new("m", new SimulatedModelRunner(Model), engine: Chunked);
        InferenceRequest request = EngineHarness.Request(EngineHarness.Prompt(1, PromptTokens), 12);
        await CacheAsync(prefill, request, atPrefill);
        await CacheAsync(decode, request, atDecode);
        await CacheAsync(alone, request, Math.Max(atPrefill, atDecode));

        Generation mixed = await alone.StartAsync(request, await alone.ReserveAsync(request), null);
        await mixed.Ended.Within();
        Generation split = await SplitAsync(prefill, decode, request with { Id = RequestId.New() });

        Assert.Equal(Math.Max(atPrefill, atDecode) / 16 * 16, mixed.Usage.CachedTokens);
        Assert.Equal(mixed.Usage.CachedTokens, split.Usage.CachedTokens);
        Assert.Equal(mixed.Usage.PromptTokens, split.Usage.PromptTokens);
        Assert.Equal(mixed.Usage.GeneratedTokens, split.Usage.GeneratedTokens);
        Assert.Equal(mixed.Ids, split.Ids);
    }

    [Fact]
    public async Task ManyAtOnce_BothWays_GiveTheSameTokens()
    {
        await using KvEngineNode one = new("p", new SimulatedModelRunner(Model), engine: Chunked);
        await using KvEngineNode two = new("d", new SimulatedModelRunner(Model), engine: Chunked);
        InferenceRequest[] requests =
        [
            .. Enumerable.Range(0, 12).Select(i => EngineHarness.Request(
                EngineHarness.Prompt(i, 20 + (i * 23)), 20, new SamplingOptions { Temperature = 0.8f, Seed = (ulong)i })),
        ];

        Generation[] split = await Task.WhenAll(requests.Select((request, i) => i % 2 == 0
            ? SplitAsync(one, two, request)
            : SplitAsync(two, one, request)));

        foreach ((InferenceRequest request, Generation generation) in requests.Zip(split))
        {
            Assert.Equal(await AloneAsync(request), generation.Ids);
        }

        Assert.Empty(await one.Engine.CheckIntegrityAsync());
        Assert.Empty(await two.Engine.CheckIntegrityAsync());
    }

    [Fact]
    public async Task AResumedRun_TakesTheKvOfPromptAndOutput()
    {
        await using KvEngineNode prefill = new("p", new SimulatedModelRunner(Model), engine: Chunked);
        await using KvEngineNode decode = new("d", new SimulatedModelRunner(Model), engine: Chunked);
        InferenceRequest whole = EngineHarness.Request(EngineHarness.Prompt(3, 100), 60);
        int[] tokens = await AloneAsync(whole);
        InferenceRequest resumed = whole with { Id = RequestId.New(), Run = 1, Resumed = [.. tokens[..30]] };

        Generation split = await SplitAsync(prefill, decode, resumed);

        Assert.Equal(tokens[30..], split.Ids);
        Assert.Equal(128, prefill.Engine.Load.PromptTokens);
    }

    [Fact]
    public async Task APeerThatDiesInTheMiddle_CostsTime_NotTokens()
    {
        StepGate gate = new(from: 3);
        await using KvEngineNode prefill = new("p", new SimulatedModelRunner(Model, gate.BeforeStep), engine: Chunked);
        await using KvEngineNode decode = new("d", new SimulatedModelRunner(Model), KvNode.Impatient(), Chunked);
        await using Relay relay = new(decode.Transport.Port);
        InferenceRequest request = EngineHarness.Request(EngineHarness.Prompt(4, PromptTokens), 30);
        KvLease lease = await decode.ReserveAsync(request);
        Assert.True(await prefill.Engine.PrefillForAsync(
            request, lease with { Endpoint = lease.Endpoint! with { Port = relay.Port } }).AsTask().Within());
        Generation generation = await decode.StartAsync(request, lease, Push(prefill));
        await gate.ArrivedAsync();
        relay.Kill();
        await generation.Ended.Within();
        gate.Open();

        Assert.Equal(await AloneAsync(request), generation.Ids);
        Assert.Equal(0, generation.Usage.CachedTokens);
        Assert.Empty(await decode.Engine.CheckIntegrityAsync());
    }

    [Fact]
    public async Task APushThatNeverComes_IsNotWaitedForLong()
    {
        await using KvEngineNode decode = new("d", new SimulatedModelRunner(Model), KvNode.Impatient());
        InferenceRequest request = EngineHarness.Request(EngineHarness.Prompt(5, PromptTokens), 10);
        KvLease lease = await decode.ReserveAsync(request);
        Generation generation = await decode.StartAsync(request, lease, Push(decode));
        await generation.Ended.Within();

        Assert.Equal(await AloneAsync(request), generation.Ids);
        Assert.Equal(0, generation.Usage.CachedTokens);
        Assert.Equal(RequestOutcome.CompletedLength, generation.Outcome);
    }

    [Fact]
    public async Task ARequestThatIsEndedWhileItWaits_EndsAtOnce()
    {
        await using KvEngineNode decode = new("d", new SimulatedModelRunner(Model));
        InferenceRequest request = EngineHarness.Request(EngineHarness.Prompt(6, PromptTokens), 10);
        KvLease lease = await decode.ReserveAsync(request);
        Generation generation = await decode.StartAsync(request, lease, Push(decode));
        Assert.True(await decode.Engine.EndAsync(request.Id, RequestOutcome.Cancelled));
        await generation.Ended.Within();
        Assert.Equal(RequestOutcome.Cancelled, generation.Outcome);
        Assert.Empty(await decode.Engine.CheckIntegrityAsync());
        Assert.Equal(0, decode.Engine.Load.Waiting);
    }

    [Fact]
    public async Task AnExpiredOrReturnedLease_TakesNoKv()
    {
        EngineLoopOptions brief = new() { LeaseTime = TimeSpan.FromMilliseconds(100) };
        await using KvEngineNode prefill = new("p", new SimulatedModelRunner(Model));
        await using KvEngineNode decode = new("d", new SimulatedModelRunner(Model), engine: brief);
        InferenceRequest request = EngineHarness.Request(EngineHarness.Prompt(7, PromptTokens), 10);
        KvLease expired = await decode.ReserveAsync(request);
        using (PeriodicTimer timer = new(TimeSpan.FromMilliseconds(120)))
        {
            await timer.WaitForNextTickAsync();
        }

        Assert.False(await prefill.Engine.PrefillForAsync(request, expired).AsTask().Within());
        Assert.False(await decode.Engine.StartAsync(request with { KvFrom = Push(prefill) }, expired));
        KvLease returned = await decode.ReserveAsync(request);
        decode.Engine.Release(request.Id, returned.Id);
        Assert.False(await prefill.Engine.PrefillForAsync(request, returned).AsTask().Within());
        Assert.Empty(await decode.Engine.CheckIntegrityAsync());
    }

    [Fact]
    public async Task SurvivingKvIsFetched_AndTheRestComputed()
    {
        await using KvEngineNode holder = new("p", new SimulatedModelRunner(Model), engine: Chunked);
        await using KvEngineNode decode = new("d", new SimulatedModelRunner(Model), engine: Chunked);
        InferenceRequest first = EngineHarness.Request(EngineHarness.Prompt(8, PromptTokens), 30);
        Generation before = await holder.StartAsync(first, await holder.ReserveAsync(first), null);
        await before.Ended.Within();
        InferenceRequest moved = first with { Id = RequestId.New(), Run = 1, Resumed = [.. before.Ids[..20]] };
        KvSource source = new() { Endpoint = holder.Engine.Descriptor.Kv!, Blocks = (PromptTokens + 20) / 16 };

        Generation after = await decode.StartAsync(moved, await decode.ReserveAsync(moved), source);
        await after.Ended.Within();

        Assert.Equal(before.Ids[20..], after.Ids);
        Assert.Equal(PromptTokens, after.Usage.CachedTokens);
        Assert.Empty(await decode.Engine.CheckIntegrityAsync());
    }

    [Fact]
    public async Task ASourceThatIsGone_CostsTime_NotTokens()
    {
        await using KvEngineNode decode = new("d", new SimulatedModelRunner(Model), KvNode.Impatient());
        InferenceRequest request = EngineHarness.Request(EngineHarness.Prompt(9, PromptTokens), 10);
        KvEndpoint gone = decode.Engine.Descriptor.Kv! with { Instance = InstanceId.Of("gone", "cpu0"), Port = 1 };
        Generation generation = await decode.StartAsync(
            request, await decode.ReserveAsync(request), new KvSource { Endpoint = gone, Blocks = 5 });
        await generation.Ended.Within();
        Assert.Equal(await AloneAsync(request), generation.Ids);
    }

    [Fact]
    public async Task OnTheDemoModel_SplitGivesTheSameTokens_AlsoOverABrokenConnection()
    {
        await using KvEngineNode prefill = new("p", Load(), engine: Chunked);
        await using KvEngineNode decode = new("d", Load(), engine: Chunked);
        await using Relay relay = new(decode.Transport.Port, cutAfter: [150_000]);
        InferenceRequest greedy = EngineHarness.Request(EngineHarness.Prompt(1, PromptTokens, 4089), 24);
        InferenceRequest drawn = EngineHarness.Request(
            EngineHarness.Prompt(2, 333, 4089), 24, new SamplingOptions { Temperature = 0.9f, Seed = 11 });
        await using EngineHarness alone = new(Load(), new EngineLoopOptions { PrefixCache = false });

        Generation one = await SplitAsync(prefill, decode, greedy);
        Generation two = await SplitAsync(prefill, decode, drawn, relay.Port);

        Assert.Equal((await alone.RunAsync(greedy)).Ids, one.Ids);
        Assert.Equal((await alone.RunAsync(drawn)).Ids, two.Ids);
        Assert.Equal(0, one.Usage.CachedTokens);
        Assert.Equal(0, two.Usage.CachedTokens);
        Assert.True(prefill.Transport.Metrics.Resumes > 0, "the connection was not cut");
        Assert.Empty(await decode.Engine.CheckIntegrityAsync());
        Assert.Empty(await prefill.Engine.CheckIntegrityAsync());
    }

    private static async Task<Generation> SplitAsync(
        KvEngineNode prefill, KvEngineNode decode, InferenceRequest request, int? port = null)
    {
        KvLease lease = await decode.ReserveAsync(request);
        KvLease seen = port is { } other ? lease with { Endpoint = lease.Endpoint! with { Port = other } } : lease;
        Assert.True(await prefill.Engine.PrefillForAsync(request, seen).AsTask().Within());
        Generation generation = await decode.StartAsync(request, lease, Push(prefill));
        await generation.Ended.Within();
        return generation;
    }

    private static async Task CacheAsync(KvEngineNode node, InferenceRequest request, int tokens)
    {
        if (tokens > 0)
        {
            InferenceRequest before = EngineHarness.Request([.. request.PromptTokens[..tokens]], 1);
            await (await node.StartAsync(before, await node.ReserveAsync(before), null)).Ended.Within();
        }
    }

    private static KvSource Push(KvEngineNode from) => new() { Endpoint = from.Engine.Descriptor.Kv!, IsPush = true };

    private static async Task<int[]> AloneAsync(InferenceRequest request)
    {
        await using EngineHarness alone = new(Model, new EngineLoopOptions { PrefixCache = false });
        return (await alone.RunAsync(request with { Id = RequestId.New(), KvFrom = null })).Ids;
    }

    private static ModelRunner Load() => ModelLoader.Load(SharedData.DemoModel, new ModelOptions { KvBlocks = 256 });
}
