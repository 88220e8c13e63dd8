using System.Collections.Immutable;
using XLLM.Contracts.Ids;
using XLLM.Contracts.Kv;
using XLLM.Contracts.Ports;
using XLLM.Contracts.Requests;
using XLLM.Engine.Loop;
using XLLM.Engine.Simulated;
using XLLM.Testing;

namespace XLLM.Engine.Tests.Loop;

public class LifecycleTests
{
    private static readonly SimulatedModelOptions Model = new();

    [Fact]
    public async Task End_DuringAStep_FreesTheBlocksAndGivesTheOutcome_AndNoOtherStepBegins()
    {
        StepGate gate = new(from: 3);
        SimulatedModelRunner runner = new(Model, gate.BeforeStep);
        await using EngineHarness engine = new(runner);
        InferenceRequest request = EngineHarness.Request(EngineHarness.Prompt(1, 40), 500);
        Generation generation = await engine.StartAsync(request);
        await gate.ArrivedAsync();
        Assert.NotEqual(Model.Blocks, engine.Loop.Load.FreeBlocks);

        Assert.True(await engine.Loop.EndAsync(request.Id, RequestOutcome.Cancelled));
        gate.Open();
        await generation.Ended;

        Assert.Equal(RequestOutcome.Cancelled, generation.Outcome);
        Assert.Equal(2, generation.Tokens.Count);
        await engine.AssertSoundAsync();
        Assert.Equal(3, gate.Steps);
        Assert.Equal(Model.Blocks, engine.Loop.Load.FreeBlocks);
        Assert.False(await engine.Loop.EndAsync(request.Id, RequestOutcome.Cancelled));
    }

    [Fact]
    public async Task End_OfARequestThatWaits_TakesItOutOfTheQueue()
    {
        StepGate gate = new();
        await using EngineHarness engine = new(Model, new EngineLoopOptions { MaxRunning = 1 }, gate.BeforeStep);
        await engine.StartAsync(EngineHarness.Request([1, 2, 3], 3));
        await gate.ArrivedAsync();
        InferenceRequest waits = EngineHarness.Request([4, 5], 3);
        Generation generation = await engine.StartAsync(waits);
        Assert.Equal(1, engine.Loop.Load.Waiting);

        await engine.Loop.EndAsync(waits.Id, RequestOutcome.Cancelled);
        gate.Open();
        await generation.Ended;

        Assert.Empty(generation.Tokens);
        Assert.True(double.IsNaN(generation.Usage.QueueSeconds));
        Assert.Equal(0, engine.Loop.Load.Waiting);
    }

    [Fact]
    public async Task SetPaused_StopsARequestWithoutTakingItsBlocks_AndResumeGoesOnWhereItWas()
    {
        StepGate gate = new(from: 4);
        InferenceRequest slow = EngineHarness.Request(EngineHarness.Prompt(1, 40), 30);
        InferenceRequest other = EngineHarness.Request(EngineHarness.Prompt(2, 20), 30);
        await using EngineHarness engine = new(Model, beforeStep: gate.BeforeStep);
        Generation paused = await engine.StartAsync(slow);
        await gate.ArrivedAsync();
        engine.Loop.SetPaused(slow.Id, true);
        gate.Open();
        await engine.RunAsync(other);
        await engine.AssertSoundAsync();

        Assert.Equal(4, paused.Tokens.Count);
        Assert.Equal(1, engine.Loop.Load.Running);
        Assert.Equal(0, engine.Loop.Load.Preemptions);

        engine.Loop.SetPaused(slow.Id, false);
        await paused.Ended;
        await using EngineHarness alone = new(Model);
        Assert.Equal((await alone.RunAsync(slow)).Ids, paused.Ids);
    }

    [Fact]
    public async Task Reserve_WithAFullQueue_IsRefusedWithRetryAfter_UntilAPlaceIsGivenBackOrExpires()
    {
        ManualTime time = new();
        await using EngineHarness engine = new(
            new SimulatedModelRunner(Model), new EngineLoopOptions { MaxWaiting = 2, LeaseTime = TimeSpan.FromSeconds(10) }, time);
        InferenceRequest[] requests = [.. Enumerable.Range(0, 4).Select(i => EngineHarness.Request([1, 2, i], 4))];
        KvLease first = (await engine.Loop.ReserveAsync(requests[0])).Lease!;
        KvLease second = (await engine.Loop.ReserveAsync(requests[1])).Lease!;

        LeaseResult full = await engine.Loop.ReserveAsync(requests[2]);
        Assert.Equal(RequestOutcome.RejectedCapacity, full.Refusal);
        Assert.Equal(TimeSpan.FromSeconds(1), full.RetryAfter);

        engine.Loop.Release(requests[0].Id, first.Id);
        Assert.NotNull((await engine.Loop.ReserveAsync(requests[2])).Lease);
        time.Advance(TimeSpan.FromSeconds(10));
        Assert.NotNull((await engine.Loop.ReserveAsync(requests[3])).Lease);
        Assert.False(await engine.Loop.StartAsync(requests[1], second));
        Assert.False(await engine.Loop.StartAsync(requests[0], first));
        Assert.Equal(1, engine.Loop.Load.Waiting);
    }

    [Fact]
    public async Task A_request_that_asks_again_gets_a_new_lease_for_the_old_one_and_keeps_one_place()
    {
        StepGate gate = new();
        await using EngineHarness engine = new(Model, new EngineLoopOptions { MaxWaiting = 1 }, gate.BeforeStep);
        InferenceRequest request = EngineHarness.Request([1], 4);
        KvLease unheard = (await engine.Loop.ReserveAsync(request)).Lease!;
        KvLease lease = (await engine.Loop.ReserveAsync(request)).Lease!;

        Assert.False(await engine.Loop.StartAsync(request, unheard));
        Assert.True(await engine.Loop.StartAsync(request, lease));
        await gate.ArrivedAsync();
        Assert.Equal(RequestOutcome.NoInstance, (await engine.Loop.ReserveAsync(request)).Refusal);
        Assert.NotNull((await engine.Loop.ReserveAsync(EngineHarness.Request([1], 4))).Lease);
        gate.Open();
        await engine.Of(request).Ended;
    }

    [Fact]
    public async Task ADeadlineThatPassesWhileNothingRuns_EndsTheRequestAsExpired()
    {
        ManualTime time = new();
        StepGate gate = new();
        await using EngineHarness engine = new(
            new SimulatedModelRunner(Model, gate.BeforeStep), new EngineLoopOptions { MaxRunning = 1 }, time);
        InferenceRequest runs = EngineHarness.Request([1, 2, 3], 40);
        InferenceRequest waits = EngineHarness.Request([4, 5, 6], 5) with
        {
            Arrival = time.GetUtcNow(),
            QueueDeadline = time.GetUtcNow().AddSeconds(5),
        };
        Generation running = await engine.StartAsync(runs);
        await gate.ArrivedAsync();
        Generation waiting = await engine.StartAsync(waits);

        // In this order: one that waits takes the place of one that is paused.
        engine.Loop.SetPaused(waits.Id, true);
        engine.Loop.SetPaused(runs.Id, true);
        gate.Open();
        await time.ArmedAsync();

        time.Advance(TimeSpan.FromSeconds(5));
        await waiting.Ended.WaitAsync(TimeSpan.FromSeconds(60));

        Assert.Equal(RequestOutcome.ExpiredInQueue, waiting.Outcome);
        Assert.Contains("5 s", waiting.Last.Error);
        engine.Loop.SetPaused(runs.Id, false);
        await running.Ended;
        Assert.Equal(RequestOutcome.CompletedLength, running.Outcome);
    }

    [Fact]
    public async Task Reserve_OfWhatCanNeverFitOrIsBroken_IsRefusedWithTheNumbers()
    {
        await using EngineHarness engine = new(Model with { Blocks = 4 });
        async Task<(RequestOutcome, string)> RefuseAsync(InferenceRequest request)
        {
            LeaseResult result = await engine.Loop.ReserveAsync(request);
            Assert.Null(result.Lease);
            return (result.Refusal, result.Message!);
        }

        Assert.Equal(64, engine.Loop.Descriptor.Model.ContextLength);
        Assert.NotNull((await engine.Loop.ReserveAsync(EngineHarness.Request(EngineHarness.Prompt(1, 40), 24))).Lease);

        (RequestOutcome outcome, string message) = await RefuseAsync(EngineHarness.Request(EngineHarness.Prompt(1, 40), 25));
        Assert.Equal(RequestOutcome.RejectedTooLong, outcome);
        Assert.Contains("65", message);
        Assert.Contains("64 tokens", message);

        (outcome, message) = await RefuseAsync(EngineHarness.Request([1, 256], 4));
        Assert.Equal((RequestOutcome.RejectedInvalid, true), (outcome, message.Contains("256")));
        (outcome, _) = await RefuseAsync(EngineHarness.Request([1], 4, new SamplingOptions { Temperature = float.NaN }));
        Assert.Equal(RequestOutcome.RejectedInvalid, outcome);
        (outcome, _) = await RefuseAsync(EngineHarness.Request([1], 4) with { PromptTokens = ImmutableArray<int>.Empty });
        Assert.Equal(RequestOutcome.RejectedInvalid, outcome);
    }

    [Fact]
    public async Task Drain_RefusesNewRequestsAndFinishesTheOthers()
    {
        StepGate gate = new();
        await using EngineHarness engine = new(Model, beforeStep: gate.BeforeStep);
        Generation running = await engine.StartAsync(EngineHarness.Request([1, 2, 3], 10));
        await gate.ArrivedAsync();

        engine.Loop.Drain();
        LeaseResult refused = await engine.Loop.ReserveAsync(EngineHarness.Request([1], 1));
        gate.Open();
        await running.Ended;

        Assert.Equal(RequestOutcome.NoInstance, refused.Refusal);
        Assert.Equal(RequestOutcome.CompletedLength, running.Outcome);
    }

    [Fact]
    public async Task AStopToken_EndsTheRequestAndIsNotPartOfItsText()
    {
        InferenceRequest request = EngineHarness.Request(EngineHarness.Prompt(4, 10), 12);
        await using EngineHarness engine = new(Model);
        int[] free = (await engine.RunAsync(request)).Ids;
        int stop = free.First(token => Array.IndexOf(free, token) >= 3);
        int at = Array.IndexOf(free, stop);

        Generation stopped = await engine.RunAsync(
            EngineHarness.Request(EngineHarness.Prompt(4, 10), 12, stop: [stop]));

        Assert.Equal(RequestOutcome.CompletedStop, stopped.Outcome);
        Assert.Equal(free[..at], stopped.Ids);
        Assert.Equal(stop, stopped.Last.StopToken);
        Assert.Equal(at + 1, stopped.Usage.GeneratedTokens);
    }

    [Theory]
    [InlineData(512, 128)]
    [InlineData(10, 3)]
    public async Task PromptScores_AreComplete_WhateverTheChunks(int maxTokens, int maxOutputs)
    {
        InferenceRequest request = EngineHarness.Request(EngineHarness.Prompt(4, 50), 5) with
        {
            Logprobs = new LogprobOptions { Chosen = true, Top = 3, Prompt = true },
        };
        await using EngineHarness whole = new(Model);
        await using EngineHarness engine = new(
            Model with { MaxOutputs = maxOutputs }, new EngineLoopOptions { MaxBatchTokens = maxTokens, MaxRunning = 3 });
        Generation expected = await whole.RunAsync(request);
        await engine.RunAsync(request with { Id = new("req-before"), Logprobs = LogprobOptions.None });

        Generation scored = await engine.RunAsync(request);

        ImmutableArray<GeneratedToken> prompt = scored.Chunks[0].Prompt;
        Assert.Equal(request.PromptTokens, prompt.Select(token => token.Id));
        Assert.Null(prompt[0].Logprob);
        Assert.All(prompt.Skip(1), token => Assert.True(token.Logprob < 0 && token.Top.Length == 3));
        Assert.Equal(expected.Chunks[0].Prompt.Select(token => token.Logprob), prompt.Select(token => token.Logprob));
        Assert.Equal(0, scored.Usage.CachedTokens);
        Assert.All(scored.Chunks.Skip(1), chunk => Assert.Empty(chunk.Prompt));
        Assert.All(scored.Tokens, token => Assert.True(token.Logprob < 0 && token.Top[0].Token == token.Id));
    }

    [Fact]
    public async Task UnreadOutput_StopsTheStepsButNotTheCommands()
    {
        TaskCompletionSource fourth = new(TaskCreationOptions.RunContinuationsAsynchronously);
        int steps = 0;
        SimulatedModelRunner runner = new(Model, _ =>
        {
            if (++steps == 4)
            {
                fourth.SetResult();
            }
        });
        await using EngineHarness engine = new(runner, new EngineLoopOptions { UnreadSteps = 4 }, read: false);
        InferenceRequest request = EngineHarness.Request(EngineHarness.Prompt(1, 5), 100);
        await engine.StartAsync(request);
        await fourth.Task.WaitAsync(TimeSpan.FromSeconds(60));
        await engine.AssertSoundAsync();
        await engine.AssertSoundAsync();
        Assert.Equal(4, runner.Steps);

        Assert.True(engine.Loop.Outputs.TryRead(out EngineOutput? read));
        Assert.Equal(1, read.Step);
        Assert.True(await engine.Loop.EndAsync(request.Id, RequestOutcome.Cancelled));
        await engine.AssertSoundAsync();

        Assert.Equal(Model.Blocks, engine.Loop.Load.FreeBlocks);
        await engine.Loop.DisposeAsync();
        List<TokenChunk> chunks = [];
        await foreach (EngineOutput output in engine.Loop.Outputs.ReadAllAsync())
        {
            chunks.AddRange(output.Chunks);
        }

        Assert.Equal(RequestOutcome.Cancelled, chunks[^1].Outcome);
        Assert.Single(chunks, chunk => chunk.Outcome != RequestOutcome.None);
    }

    [Fact]
    public async Task Dispose_EndsEverythingAsLostAndFreesTheRunner()
    {
        StepGate gate = new();
        SimulatedModelRunner runner = new(Model, gate.BeforeStep);
        await using EngineHarness engine = new(runner, new EngineLoopOptions { MaxRunning = 1 });
        InferenceRequest late = EngineHarness.Request([7], 3);
        LeaseResult lease = await engine.Loop.ReserveAsync(late);
        Generation running = await engine.StartAsync(EngineHarness.Request([1, 2, 3], 10));
        Generation waiting = await engine.StartAsync(EngineHarness.Request([4, 5, 6], 10));
        await gate.ArrivedAsync();

        ValueTask disposed = engine.Loop.DisposeAsync();
        gate.Open();
        await disposed;
        await Task.WhenAll(running.Ended, waiting.Ended);

        Assert.Equal((RequestOutcome.InstanceLost, RequestOutcome.InstanceLost), (running.Outcome, waiting.Outcome));
        Assert.True(runner.IsDisposed);
        Assert.False(await engine.Loop.StartAsync(late, lease.Lease!));
        Assert.Equal(RequestOutcome.NoInstance, (await engine.Loop.ReserveAsync(late)).Refusal);
    }

    [Fact]
    public async Task BlockEvents_AfterARequest_NameItsFullBlocks()
    {
        InferenceRequest request = EngineHarness.Request(EngineHarness.Prompt(1, 40), 10);
        await using EngineHarness engine = new(Model);
        await engine.RunAsync(request);
        await engine.AssertSoundAsync();

        ImmutableArray<BlockEvent> events = engine.Loop.TakeBlockEvents().Events;

        // 49 tokens have KV: two blocks of the prompt, one that the answer completed.
        Assert.Equal(3, events.Length);
        Assert.All(events, stored => Assert.True(stored.Stored && stored.Root == request.BlockHashes[0]));
        Assert.Contains(request.BlockHashes[1], events.Select(stored => stored.Block));
        Assert.Empty(engine.Loop.TakeBlockEvents().Events);
    }

    [Fact]
    public void Options_WithSeveralFaults_AreRefusedWithAllOfThem()
    {
        EngineLoopOptions options = new()
        {
            MaxBatchTokens = 10,
            MaxWaiting = 0,
            Policy = "best",
            WatermarkShare = double.NaN,
            LeaseTime = TimeSpan.Zero,
        };

        Assert.Equal(5, options.Validate().Count);
        ArgumentException error = Assert.Throws<ArgumentException>(() => EngineLoop.Start(
            InstanceId.Of("s", "d"), 1, new SimulatedModelRunner(Model), options, TimeProvider.System,
            Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance));
        Assert.Contains("decode-first, prefill-first", error.Message);
    }
}
