using XLLM.Contracts.Ids;
using XLLM.Contracts.Requests;
using XLLM.Engine.Execution;
using XLLM.Engine.Loop;
using XLLM.Engine.Memory;
using XLLM.Engine.Simulated;
using XLLM.Engine.Speculation;
using XLLM.Engine.Tests.Loop;
using XLLM.Testing;

namespace XLLM.Engine.Tests.Speculation;

/// <summary>
/// Random lives of requests that speculate over KV in ranges of addresses: shared prefixes, samples that fork, pre-emption,
/// cancels, few ranges and few mappings. Each says what it says alone over plain pages, and nothing is left behind.
/// </summary>
public class RangeLivesTests
{
    private const int Vocabulary = 8;
    private const int Blocks = 40;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Theory]
    [InlineData(SpeculationMethod.Ngram, true)]
    [InlineData(SpeculationMethod.Suffix, true)]
    [InlineData(SpeculationMethod.Suffix, false)]
    public async Task EachRequestSaysWhatItSaysAlone_AndNothingIsLeftBehind(SpeculationMethod method, bool asyncScheduling)
    {
        (long drafts, long accepted, long preemptions, long cancelled, long fallbacks) = (0, 0, 0, 0, 0);
        for (int seed = 0; seed < 8; seed++)
        {
            Random random = new(seed);
            int ranges = random.Next(2, 20);
            SimulatedModelOptions model = Model() with { Ranges = ranges, MappingLimit = ranges + 2 + random.Next(8, 200) };
            InferenceRequest[] requests = Requests(random, 36);
            CancelAtRandom hook = new(random.Next(), requests);
            using SimulatedModelRunner runner = new(model, hook.BeforeStep);
            await using EngineHarness engine = new(runner, Options(method, asyncScheduling));
            hook.Loop = engine.Loop;

            Generation[] lives = await RunAsync(engine, requests);

            await using EngineHarness plain = new(Model() with { Blocks = 4096 }, new EngineLoopOptions { PrefixCache = false });
            for (int i = 0; i < requests.Length; i++)
            {
                Generation alone = await plain.RunAsync(requests[i] with { Id = RequestId.New(), Group = null });
                Assert.Equal(alone.Ids.Take(lives[i].Ids.Length), lives[i].Ids);
                Assert.Contains(lives[i].Outcome, new[] { alone.Outcome, RequestOutcome.Cancelled });
                cancelled += lives[i].Outcome == RequestOutcome.Cancelled ? 1 : 0;
            }

            await engine.AssertSoundAsync();
            Assert.Equal(Blocks, engine.Loop.Load.FreeBlocks);
            Assert.Equal(0, runner.Ranges!.Stats.Repairs);
            Assert.InRange(runner.Ranges.Stats.Mappings, 0, model.MappingLimit);
            drafts += engine.Loop.Load.SpecDraftTokens;
            accepted += engine.Loop.Load.SpecAcceptedTokens;
            preemptions += engine.Loop.Load.Preemptions;
            fallbacks += hook.WithoutRange;
        }

        // That it all happened.
        Assert.InRange(accepted, 50, drafts - 50);
        Assert.InRange(preemptions, 10, long.MaxValue);
        Assert.InRange(cancelled, 5, long.MaxValue);
        Assert.InRange(fallbacks, 20, long.MaxValue);
    }

    [Fact]
    public async Task TheDemoModel_SaysTheSameOverRealRanges()
    {
        InferenceRequest[] requests = [.. DemoTexts.Questions.SelectMany((question, i) => Enumerable.Range(0, 2).Select(sample =>
            EngineHarness.Request(DemoTexts.AskedTwice(question), 30 + i) with
            {
                Group = new SampleGroup("pair-" + i, 2),
                Sampling = i % 2 == 0
                    ? SamplingOptions.Greedy
                    : new SamplingOptions { Temperature = 0.7f, Seed = (ulong)sample },
            }))];
        ModelOptions options = new() { KvBlocks = 60, KvMode = KvMode.Virtual, KvRanges = 4 };
        using ModelRunner runner = ModelLoader.Load(SharedData.DemoModel, options);
        await using EngineHarness engine = new(runner, Options(SpeculationMethod.Suffix, asyncScheduling: true));
        await using EngineHarness plain = new(ModelLoader.Load(SharedData.DemoModel, new ModelOptions { KvBlocks = 512 }));

        Generation[] lives = await Task.WhenAll(requests.Select(engine.RunAsync));

        for (int i = 0; i < requests.Length; i++)
        {
            Assert.Equal((await plain.RunAsync(requests[i] with { Id = RequestId.New(), Group = null })).Ids, lives[i].Ids);
        }

        Assert.InRange(engine.Loop.Load.SpecAcceptedTokens, 20, int.MaxValue);
        Assert.Equal(0, runner.Ranges?.Stats.Repairs ?? 0);
        await engine.AssertSoundAsync();
    }

    private static SimulatedModelOptions Model() => new()
    {
        VocabularySize = Vocabulary, Blocks = Blocks, BlockTokens = 8, ContextLength = 256, EndToken = 0,
    };

    private static EngineLoopOptions Options(SpeculationMethod method, bool asyncScheduling) => new()
    {
        AsyncScheduling = asyncScheduling,
        MaxRunning = 12,
        MaxBatchTokens = 48,
        WatermarkShare = 0,
        Speculation = new SpeculationOptions
        {
            Method = method, MaxDraftTokens = 20, RowCost = 0.001, SuffixMinProbability = 0, SuffixFactor = 4,
        },
    };

    // Groups of samples, prompts with common beginnings, and others; all lengths about the borders of blocks.
    private static InferenceRequest[] Requests(Random random, int count)
    {
        int[][] stems =
            [.. Enumerable.Range(0, 3).Select(_ => EngineHarness.Prompt(random.Next(), 8 * random.Next(1, 5), Vocabulary))];
        List<InferenceRequest> requests = [];
        while (requests.Count < count)
        {
            int[] prompt = [.. stems[random.Next(3)], .. EngineHarness.Prompt(random.Next(), random.Next(1, 30), Vocabulary)];
            int samples = random.Next(3) == 0 ? random.Next(2, 5) : 1;
            SampleGroup? group = samples > 1 ? new SampleGroup($"group-{requests.Count}", samples) : null;
            for (int i = 0; i < samples; i++)
            {
                int tokens = random.Next(1, 70);
                bool greedy = samples == 1 && random.Next(2) == 0;
                requests.Add(EngineHarness.Request(prompt, tokens, blockTokens: 8) with
                {
                    Group = group,
                    Priority = random.Next(4) == 0 ? RequestPriority.Offline : RequestPriority.Online,
                    Sampling = greedy
                        ? SamplingOptions.Greedy
                        : new SamplingOptions { Temperature = 0.5f + random.NextSingle(), Seed = (ulong)random.Next() },
                    Stop = new StopOptions { MaxTokens = tokens, MinTokens = random.Next(2) == 0 ? tokens : tokens / 2 },
                });
            }
        }

        return [.. requests];
    }

    private static async Task<Generation[]> RunAsync(EngineHarness engine, InferenceRequest[] requests)
    {
        List<Generation> lives = [];
        foreach (InferenceRequest request in requests)
        {
            lives.Add(await engine.StartAsync(request));
        }

        await Task.WhenAll(lives.Select(life => life.Ended)).WaitAsync(Patience);
        return [.. lives];
    }

    /// <summary>Before one step in eight some request is cancelled, wherever it stands.</summary>
    private sealed class CancelAtRandom(int seed, InferenceRequest[] requests)
    {
        private readonly Random _random = new(seed);

        public EngineLoop? Loop { get; set; }

        /// <summary>Sequences of steps that were found by their block lists.</summary>
        public long WithoutRange { get; private set; }

        public void BeforeStep(StepInput step)
        {
            foreach (StepSequence sequence in step.Sequences)
            {
                WithoutRange += sequence.Range < 0 ? 1 : 0;
            }

            if (_random.Next(8) == 0)
            {
                _ = Loop?.EndAsync(requests[_random.Next(requests.Length)].Id, RequestOutcome.Cancelled);
            }
        }
    }
}
