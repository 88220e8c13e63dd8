using System.Collections.Immutable;
using XLLM.Contracts.Fleet;
using XLLM.Contracts.Ids;
using XLLM.Contracts.Kv;
using XLLM.Contracts.Requests;
using XLLM.Engine.Execution;
using XLLM.Engine.Loop;
using XLLM.Engine.Simulated;
using XLLM.Scheduling.Blocks;
using XLLM.Testing;

namespace XLLM.Engine.Tests.Loop;

/// <summary>Requests that want a vector: what else runs, how they are cut, and what is cached must not change a bit of it.</summary>
public class EmbeddingTests
{
    private static readonly SimulatedModelOptions Model = new() { EmbeddingSize = 24 };

    public static TheoryData<PoolingKind> Kinds => [PoolingKind.Last, PoolingKind.Mean, PoolingKind.First];

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task AVector_EndsTheRequestAfterItsPrompt_WithoutAToken(PoolingKind kind)
    {
        await using EngineHarness engine = new(Model);
        Generation done = await engine.RunAsync(Request(EngineHarness.Prompt(1, 70), kind));
        Assert.Equal(RequestOutcome.CompletedStop, done.Outcome);
        Assert.Empty(done.Tokens);
        Assert.Equal(24, done.Last.Embedding.Length);
        Assert.Equal((70, 0), (done.Usage.PromptTokens, done.Usage.GeneratedTokens));
        Assert.Single(done.Chunks);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task AVector_IsOfThePooledStates(PoolingKind kind)
    {
        int[] prompt = EngineHarness.Prompt(2, 45);
        float[][] states = States(prompt);
        float[] expected = kind switch
        {
            PoolingKind.Last => states[^1],
            PoolingKind.First => states[0],
            _ => [.. Enumerable.Range(0, 24).Select(i => (float)(states.Aggregate(0.0, (sum, s) => sum + s[i]) / 45))],
        };
        await using EngineHarness engine = new(Model);
        Same(expected, (await engine.RunAsync(Request(prompt, kind))).Last.Embedding);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task InBatchesAndChunks_WithAndWithoutTheDevicesThread_TheBitsAreTheSame(PoolingKind kind)
    {
        InferenceRequest[] requests = [.. Enumerable.Range(0, 6).Select(i => Request(EngineHarness.Prompt(i, 20 + (33 * i)), kind))];
        foreach ((int chunk, bool isAsync) in new[] { (512, true), (512, false), (33, true), (7, true), (1, false) })
        {
            StepGate gate = new();
            await using EngineHarness engine = new(
                new SimulatedModelRunner(Model, gate.BeforeStep),
                new EngineLoopOptions { MaxBatchTokens = chunk, MaxRunning = Math.Min(chunk, 8), AsyncScheduling = isAsync });
            InferenceRequest talker = EngineHarness.Request(EngineHarness.Prompt(50, 40), 20);
            Generation[] together = await engine.RunTogetherAsync(gate, [talker, .. requests.Select(Again)]);
            Assert.Equal(20, together[0].Tokens.Count);
            for (int i = 0; i < requests.Length; i++)
            {
                Same(await AloneAsync(requests[i]), together[i + 1].Last.Embedding);
            }

            await engine.AssertSoundAsync();
        }
    }

    [Fact]
    public async Task OfTheLastToken_APrefixHitComputesTheRestAlone_AndTheBitsAreTheSame()
    {
        int[] prompt = EngineHarness.Prompt(3, 100);
        await using EngineHarness engine = new(Model);
        Generation first = await engine.RunAsync(Request(prompt, PoolingKind.Last));
        Generation second = await engine.RunAsync(Request(prompt, PoolingKind.Last));
        Assert.Equal((0, 96), (first.Usage.CachedTokens, second.Usage.CachedTokens));
        Same(first.Last.Embedding, second.Last.Embedding);
        Generation whole = await engine.RunAsync(Request(prompt[..96], PoolingKind.Last));
        Assert.Equal(80, whole.Usage.CachedTokens);
        Same(States(prompt)[95], whole.Last.Embedding);
    }

    [Fact]
    public async Task OfAllTokens_NothingIsTakenFromTheCache_EvenWhenTheSenderNamedItsBlocks()
    {
        int[] prompt = EngineHarness.Prompt(3, 100);
        await using EngineHarness engine = new(Model);
        await engine.RunAsync(EngineHarness.Request(prompt, 4));
        Generation plain = await engine.RunAsync(Request(prompt, PoolingKind.Mean));
        Generation named = await engine.RunAsync(
            Request(prompt, PoolingKind.Mean) with { BlockHashes = new BlockHasher(16).HashPrompt(prompt) });
        Assert.Equal((0, 0), (plain.Usage.CachedTokens, named.Usage.CachedTokens));
        Same(plain.Last.Embedding, named.Last.Embedding);
    }

    [Theory]
    [InlineData(PoolingKind.Last)]
    [InlineData(PoolingKind.Mean)]
    public async Task PushedOutAndComputedAgain_TheBitsAreTheSame(PoolingKind kind)
    {
        InferenceRequest offline = Request(EngineHarness.Prompt(4, 300), kind) with { Priority = RequestPriority.Offline };
        InferenceRequest online = EngineHarness.Request(EngineHarness.Prompt(5, 200), 4);
        EngineHarness? engine = null;
        int steps = 0;
        engine = new EngineHarness(
            new SimulatedModelRunner(Model with { Blocks = 24, ContextLength = 320 }, _ =>
            {
                if (++steps == 4)
                {
                    Assert.True(engine!.StartAsync(online).IsCompletedSuccessfully);
                }
            }),
            new EngineLoopOptions { MaxBatchTokens = 32, MaxRunning = 4, WatermarkShare = 0 });
        await using (engine)
        {
            Generation done = await engine.RunAsync(offline);
            await engine.Of(online).Ended.WaitAsync(TimeSpan.FromSeconds(60));

            Assert.Equal(1, done.Usage.Preemptions);
            Same(await AloneAsync(offline), done.Last.Embedding);
        }
    }

    [Fact]
    public async Task AFullContextFits_BecauseNothingIsGenerated()
    {
        await using EngineHarness engine = new(Model with { ContextLength = 64 });
        Assert.Equal(24, (await engine.RunAsync(Request(EngineHarness.Prompt(6, 64), PoolingKind.Last))).Last.Embedding.Length);
        LeaseResult refused = await engine.Loop.ReserveAsync(Request(EngineHarness.Prompt(6, 65), PoolingKind.Last));
        Assert.Equal(RequestOutcome.RejectedTooLong, refused.Refusal);
    }

    [Fact]
    public async Task WhatCannotBe_IsRefused()
    {
        await using EngineHarness engine = new(Model);
        InferenceRequest good = Request([1, 2, 3], PoolingKind.Last);
        InferenceRequest[] wrong =
        [
            good with { Pooling = (PoolingKind)9 },
            good with { Resumed = [4], Stop = new StopOptions { MaxTokens = 5 } },
            good with { Logprobs = new LogprobOptions { Chosen = true, Prompt = true } },
            good with { Group = new SampleGroup("g", 2) },
        ];
        foreach (InferenceRequest request in wrong)
        {
            Assert.Equal(RequestOutcome.RejectedInvalid, (await engine.Loop.ReserveAsync(request)).Refusal);
        }

        await using EngineHarness without = new(Model with { EmbeddingSize = 0 });
        LeaseResult refused = await without.Loop.ReserveAsync(good);
        Assert.Equal(RequestOutcome.RejectedInvalid, refused.Refusal);
        Assert.Contains("gives no embeddings", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task StatesThatAreNoNumbers_FailTheirRequestAlone(PoolingKind kind)
    {
        StepGate gate = new();
        await using EngineHarness engine = new(new PoisonedRunner(new SimulatedModelRunner(Model, gate.BeforeStep), 255));
        InferenceRequest good = Request(EngineHarness.Prompt(7, 30, 200), kind);
        Generation[] done = await engine.RunTogetherAsync(gate, Request([255], kind), good);
        Assert.Equal(RequestOutcome.EngineFailed, done[0].Outcome);
        Assert.Contains("hidden states", done[0].Last.Error, StringComparison.Ordinal);
        Assert.Empty(done[0].Last.Embedding);
        Same(await AloneAsync(good), done[1].Last.Embedding);
    }

    [Fact]
    public async Task AFailedStep_IsTriedAgainAlone_AndNothingIsSummedTwice()
    {
        int steps = 0;
        StepGate gate = new();
        await using EngineHarness engine = new(
            new SimulatedModelRunner(Model, step =>
            {
                gate.BeforeStep(step);
                if (++steps == 3)
                {
                    throw new InvalidOperationException("once");
                }
            }),
            new EngineLoopOptions { MaxBatchTokens = 16, MaxRunning = 4 });
        InferenceRequest[] requests = [Request(EngineHarness.Prompt(8, 90), PoolingKind.Mean), Request(EngineHarness.Prompt(9, 8), PoolingKind.Mean)];
        Generation[] done = await engine.RunTogetherAsync(gate, requests);
        bool[] worked = [.. done.Select(d => d.Outcome == RequestOutcome.CompletedStop)];

        // A step of one sequence has nobody else to blame.
        Assert.Contains(true, worked);
        for (int i = 0; i < 2; i++)
        {
            if (worked[i])
            {
                Same(await AloneAsync(requests[i]), done[i].Last.Embedding);
            }
        }
    }

    [Fact]
    public async Task EndedFromOutside_ItHasNoVector()
    {
        StepGate gate = new();
        await using EngineHarness engine = new(Model, beforeStep: gate.BeforeStep);
        InferenceRequest request = Request(EngineHarness.Prompt(10, 40), PoolingKind.Mean);
        Generation done = await engine.StartAsync(request);
        await gate.ArrivedAsync();
        Assert.True(await engine.Loop.EndAsync(request.Id, RequestOutcome.Cancelled));
        gate.Open();
        await done.Ended.WaitAsync(TimeSpan.FromSeconds(60));
        Assert.Equal(RequestOutcome.Cancelled, done.Outcome);
        Assert.Empty(done.Last.Embedding);
    }

    [Fact]
    public async Task TheDemoModel_GivesTheSameBitsForAnyChunkBatchAndThreads()
    {
        int[] prompt = EngineHarness.Prompt(11, 120, 4000);
        Dictionary<PoolingKind, ImmutableArray<float>> first = [];
        foreach ((int threads, int chunk) in new[] { (1, 512), (2, 40), (3, 7) })
        {
            ModelOptions options = new() { KvBlocks = 128, MaxTokens = 512, Threads = threads };
            await using EngineHarness engine = new(
                ModelLoader.Load(SharedData.DemoModel, options), new EngineLoopOptions { MaxBatchTokens = chunk, MaxRunning = Math.Min(chunk, 8) });
            Task<Generation> talker = engine.RunAsync(EngineHarness.Request(EngineHarness.Prompt(12, 30, 4000), 12));
            foreach (PoolingKind kind in (PoolingKind[])[PoolingKind.Last, PoolingKind.Mean, PoolingKind.First])
            {
                ImmutableArray<float> vector = (await engine.RunAsync(Request(prompt, kind))).Last.Embedding;
                Assert.Equal(engine.Loop.Descriptor.Model.EmbeddingSize, vector.Length);
                if (!first.TryAdd(kind, vector))
                {
                    Same(first[kind], vector);
                }
            }

            await talker;
        }

        Assert.Equal(PoolingKind.Last, ModelCardOf(SharedData.DemoModel).Pooling);
        Assert.NotEqual(first[PoolingKind.Last], first[PoolingKind.Mean]);
    }

    private static ModelCard ModelCardOf(string path)
    {
        using ModelRunner runner = ModelLoader.Load(path, new ModelOptions { KvBlocks = 8, MaxTokens = 8, MaxOutputs = 8, Threads = 1 });
        return runner.Model;
    }

    private static InferenceRequest Request(int[] prompt, PoolingKind kind)
    {
        InferenceRequest request = EngineHarness.Request(prompt, 1);
        return request with { Pooling = kind, BlockHashes = kind == PoolingKind.Last ? request.BlockHashes : [] };
    }

    private static InferenceRequest Again(InferenceRequest request) => request with { Id = RequestId.New(), Priority = RequestPriority.Online };

    private static async Task<float[]> AloneAsync(InferenceRequest request)
    {
        await using EngineHarness engine = new(Model);
        return [.. (await engine.RunAsync(Again(request))).Last.Embedding];
    }

    /// <summary>The states of all positions, from one step of the runner itself.</summary>
    private static float[][] States(int[] prompt)
    {
        using SimulatedModelRunner runner = new(Model);
        StepInput step = new(prompt.Length, 1);
        step.Add(prompt, 0, Enumerable.Range(0, 10).ToArray(), 0);
        step.WantHidden(0, prompt.Length);
        float[] states = new float[24 * prompt.Length];
        runner.Run(step, [], states);
        return [.. states.Chunk(24)];
    }

    private static void Same(IEnumerable<float> expected, ImmutableArray<float> found) =>
        Execution.Batch.SameBits(expected.ToArray(), found.AsSpan(), "embedding");

    /// <summary>A runner whose hidden states turn to NaN for sequences with a given token.</summary>
    private sealed class PoisonedRunner(IModelRunner inner, int poison) : ForwardingRunner(inner)
    {
        public override void Run(StepInput step, Span<float> logits, Span<float> hidden)
        {
            base.Run(step, logits, hidden);
            int size = Model.EmbeddingSize;
            for (int i = 0; i < step.HiddenCount; i++)
            {
                if (step.Tokens[step.HiddenRows[i]] == poison)
                {
                    hidden[(i * size) + 3] = float.NaN;
                }
            }
        }
    }
}
