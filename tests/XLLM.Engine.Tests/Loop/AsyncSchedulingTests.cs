using XLLM.Contracts.Requests;
using XLLM.Engine.Execution;
using XLLM.Engine.Loop;
using XLLM.Engine.Simulated;

namespace XLLM.Engine.Tests.Loop;

/// <summary>Planning ahead must change when things are decided, and no token.</summary>
public class AsyncSchedulingTests
{
    private static readonly SimulatedModelOptions Model = new() { Blocks = 40, ContextLength = 600 };

    [Theory]
    [InlineData(false, 0)]
    [InlineData(true, 0)]
    [InlineData(true, 16)]
    [InlineData(false, 5)]
    public async Task TheSameRequests_GetTheSameTokensAndOutcomes_WhetherTheNextStepIsPlannedAheadOrNot(
        bool prefixCache, int ranges)
    {
        InferenceRequest[] requests = Requests();
        Generation[] ahead = await RunAsync(requests, prefixCache, asynchronous: true, ranges);
        Generation[] after = await RunAsync(requests, prefixCache, asynchronous: false);

        foreach ((Generation one, Generation other) in ahead.Zip(after))
        {
            Assert.Equal(other.Ids, one.Ids);
            Assert.Equal(other.Outcome, one.Outcome);
            Assert.Equal(other.Last.StopToken, one.Last.StopToken);
        }

        Assert.Contains(ahead, generation => generation.Outcome == RequestOutcome.CompletedStop);
        Assert.Contains(ahead, generation => generation.Outcome == RequestOutcome.CompletedLength);
        Assert.Contains(ahead, generation => generation.Usage.Preemptions > 0);
    }

    [Fact]
    public async Task TheNextStep_IsPlannedWhileOneRuns_AndRequestsThatComeMeanwhileAreInIt()
    {
        StepGate gate = new(from: 3);
        await using EngineHarness engine = new(Model, beforeStep: gate.BeforeStep);
        Generation first = await engine.StartAsync(EngineHarness.Request(EngineHarness.Prompt(1, 10), 30));
        await gate.ArrivedAsync();
        Generation second = await engine.StartAsync(EngineHarness.Request(EngineHarness.Prompt(2, 20), 30));

        // An audit is answered while the step stands at the gate: the engine's thread is not the one that runs it.
        await engine.AssertSoundAsync();
        gate.LetOneThrough();

        Assert.Equal("1, 20", string.Join(", ", await gate.ArrivedAsync()));
        gate.Open();
        await Task.WhenAll(first.Ended, second.Ended);
    }

    [Fact]
    public async Task ARequestThatStops_IsInNoFurtherStep()
    {
        InferenceRequest free = EngineHarness.Request(EngineHarness.Prompt(4, 10), 12);
        int rows = 0;
        await using EngineHarness engine = new(Model, beforeStep: step => rows += step.TokenCount);
        int[] tokens = (await engine.RunAsync(free)).Ids;
        int stop = tokens.First(token => Array.IndexOf(tokens, token) >= 3);
        rows = 0;

        Generation stopped = await engine.RunAsync(
            EngineHarness.Request(EngineHarness.Prompt(4, 10), 12, stop: [stop]));
        await engine.AssertSoundAsync();

        Assert.Equal(RequestOutcome.CompletedStop, stopped.Outcome);
        Assert.Equal(10 + stopped.Tokens.Count, rows);
    }

    [Fact]
    public async Task EveryTokenOfAStep_IsKnownWhenItRuns()
    {
        bool complete = true;
        await using EngineHarness engine = new(
            Model, beforeStep: step => complete &= !step.Tokens.Contains(StepInput.Placeholder));

        await Task.WhenAll(Requests().Select(engine.RunAsync));

        Assert.True(complete);
    }

    private static async Task<Generation[]> RunAsync(
        InferenceRequest[] requests, bool prefixCache, bool asynchronous, int ranges = 0)
    {
        StepGate gate = new();
        await using EngineHarness engine = new(
            Model with { Ranges = ranges },
            new EngineLoopOptions
            {
                MaxBatchTokens = 48, MaxRunning = 8, WatermarkShare = 0, PrefixCache = prefixCache, AsyncScheduling = asynchronous,
            },
            gate.BeforeStep);
        Generation[] generations = await engine.RunTogetherAsync(gate, requests);
        await engine.AssertSoundAsync();
        Assert.Equal(Model.Blocks, engine.Loop.Load.FreeBlocks);
        return generations;
    }

    // More than the pool holds, some with the same beginning, some that end with a token, some offline.
    private static InferenceRequest[] Requests() => [.. Enumerable.Range(0, 12).Select(i => EngineHarness.Request(
        [.. EngineHarness.Prompt(i % 3, 40), .. EngineHarness.Prompt(100 + i, 1 + (i * 7))],
        40 + (i * 9),
        i % 2 == 0 ? SamplingOptions.Greedy : new SamplingOptions { Temperature = 1, TopP = 0.95f, Seed = (ulong)i },
        stop: i % 4 == 3 ? [.. Enumerable.Range(0, 8)] : null) with
        {
            Priority = i % 5 == 4 ? RequestPriority.Offline : RequestPriority.Online,
        })];
}
