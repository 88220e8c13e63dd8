using XLLM.Contracts.Requests;
using XLLM.Engine.Execution;
using XLLM.Engine.Loop;
using XLLM.Engine.Simulated;

namespace XLLM.Engine.Tests.Loop;

/// <summary>What else runs, how prompts are cut, and where KV comes from must not change a token.</summary>
public class EqualityTests
{
    private static readonly SimulatedModelOptions Model = new();

    [Fact]
    public async Task EightMixedRequestsTogether_GiveEachTheTokensItGetsAlone()
    {
        InferenceRequest[] requests = Mixed();
        StepGate gate = new();
        await using EngineHarness together = new(Model, beforeStep: gate.BeforeStep);
        Generation[] batch = await together.RunTogetherAsync(gate, requests);

        foreach ((InferenceRequest request, Generation inBatch) in requests.Zip(batch))
        {
            int[] alone = await AloneAsync(request);
            Assert.Equal(alone, inBatch.Ids);
            Assert.Equal(RequestOutcome.CompletedLength, inBatch.Outcome);
        }

        Assert.Equal(8, batch.Select(generation => string.Join(',', generation.Ids)).Distinct().Count());
        await together.AssertSoundAsync();
    }

    [Theory]
    [InlineData(16, 30_000)]
    [InlineData(3, 30_000)]
    [InlineData(16, 24)]
    public async Task InRangesOfAddresses_EachGetsTheTokensItGetsByBlockLists_AndNoStepHadToMapForItself(int ranges, int limit)
    {
        InferenceRequest[] requests = Mixed();
        StepGate gate = new();
        SimulatedModelRunner runner = new(Model with { Ranges = ranges, MappingLimit = limit }, gate.BeforeStep);
        await using EngineHarness engine = new(runner);

        Generation[] batch = await engine.RunTogetherAsync(gate, requests);
        Generation[] again = [.. await Task.WhenAll(
            requests.Select(request => engine.RunAsync(request with { Id = new(request.Id.Value + "-again") })))];

        for (int i = 0; i < requests.Length; i++)
        {
            int[] alone = await AloneAsync(requests[i]);
            Assert.Equal(alone, batch[i].Ids);
            Assert.Equal(alone, again[i].Ids);
        }

        PageRangeStats stats = runner.Ranges!.Stats;
        Assert.Equal(0, stats.Repairs);
        Assert.InRange(stats.Mappings, ranges, limit);
        Assert.True(stats.Calls > 0);
        await engine.AssertSoundAsync();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(16)]
    [InlineData(33)]
    public async Task APromptInChunks_GivesTheSameTokensAsAtOnce(int chunk)
    {
        InferenceRequest request = EngineHarness.Request(EngineHarness.Prompt(3, 150), 24);
        await using EngineHarness chunked = new(Model, new EngineLoopOptions { MaxBatchTokens = chunk, MaxRunning = 1 });

        Generation generation = await chunked.RunAsync(request);

        Assert.Equal(await AloneAsync(request), generation.Ids);
        Assert.True(chunked.Loop.Load.Steps >= (150 / chunk) + 23);
    }

    [Fact]
    public async Task APrefixHit_GivesTheSameTokensAndComputesOnlyTheRest()
    {
        int[] shared = EngineHarness.Prompt(5, 96);
        InferenceRequest first = EngineHarness.Request([.. shared, 1, 2, 3], 8);
        InferenceRequest second = EngineHarness.Request([.. shared, 4, 5, 6, 7], 8);
        await using EngineHarness engine = new(Model);

        await engine.RunAsync(first);
        long before = engine.Loop.Load.PromptTokens;
        Generation hit = await engine.RunAsync(second);

        Assert.Equal(await AloneAsync(second), hit.Ids);
        Assert.Equal(96, hit.Usage.CachedTokens);
        Assert.Equal(4, engine.Loop.Load.PromptTokens - before);
        Assert.Equal(96, engine.Loop.Load.PrefixHitTokens);
    }

    [Fact]
    public async Task TheSamePromptAgain_LeavesItsLastTokenToCompute()
    {
        InferenceRequest request = EngineHarness.Request(EngineHarness.Prompt(6, 64), 8);
        await using EngineHarness engine = new(Model);

        Generation first = await engine.RunAsync(request);
        Generation second = await engine.RunAsync(request with { Id = new("req-again") });

        Assert.Equal(first.Ids, second.Ids);
        Assert.Equal(48, second.Usage.CachedTokens);
    }

    [Fact]
    public async Task ASecondTurn_FindsTheBlocksOfTheFirstAnswer()
    {
        int[] prompt = EngineHarness.Prompt(7, 40);
        await using EngineHarness engine = new(Model);
        Generation answer = await engine.RunAsync(EngineHarness.Request(prompt, 40));
        InferenceRequest turn = EngineHarness.Request([.. prompt, .. answer.Ids, 9, 9, 9], 8);

        Generation second = await engine.RunAsync(turn);

        // 79 of the 80 tokens have KV: the last one generated was never an input.
        Assert.Equal(64, second.Usage.CachedTokens);
        Assert.Equal(await AloneAsync(turn), second.Ids);
    }

    [Fact]
    public async Task AnotherSalt_SharesNoBlocks()
    {
        InferenceRequest request = EngineHarness.Request(EngineHarness.Prompt(6, 64), 8) with { CacheSalt = "a" };
        await using EngineHarness engine = new(Model);
        await engine.RunAsync(request);

        Generation other = await engine.RunAsync(request with { Id = new("req-other"), CacheSalt = "b" });

        Assert.Equal(0, other.Usage.CachedTokens);
    }

    [Fact]
    public async Task PreemptionAndRecompute_GiveTheSameTokens()
    {
        // 4 requests that each grow to 10 blocks in a pool of 16.
        SimulatedModelOptions small = Model with { Blocks = 16 };
        InferenceRequest[] requests = [.. Enumerable.Range(0, 4).Select(i =>
            EngineHarness.Request(EngineHarness.Prompt(20 + i, 50), 110, Options(i)))];
        StepGate gate = new();
        await using EngineHarness engine = new(small, new EngineLoopOptions { WatermarkShare = 0 }, gate.BeforeStep);

        Generation[] generations = await engine.RunTogetherAsync(gate, requests);

        Assert.True(engine.Loop.Load.Preemptions > 0);
        foreach ((InferenceRequest request, Generation generation) in requests.Zip(generations))
        {
            Assert.Equal(await AloneAsync(request), generation.Ids);
        }

        Assert.Contains(generations, generation => generation.Usage.Preemptions > 0);
    }

    private static InferenceRequest[] Mixed() => [.. Enumerable.Range(0, 8).Select(i =>
        EngineHarness.Request(EngineHarness.Prompt(i, 5 + (i * 23)), 10 + (i * 5), Options(i)))];

    private static SamplingOptions Options(int i) => (i % 4) switch
    {
        0 => SamplingOptions.Greedy,
        1 => new SamplingOptions { Temperature = 0.8f, TopP = 0.9f, Seed = (ulong)i },
        2 => new SamplingOptions { Temperature = 1.2f, TopK = 20, Seed = (ulong)i, RepetitionPenalty = 1.1f },
        _ => new SamplingOptions { Temperature = 1, MinP = 0.05f, Seed = (ulong)i, PresencePenalty = 0.5f, FrequencyPenalty = 0.2f },
    };

    private static async Task<int[]> AloneAsync(InferenceRequest request)
    {
        await using EngineHarness engine = new(Model, new EngineLoopOptions { PrefixCache = false });
        return (await engine.RunAsync(request)).Ids;
    }
}
