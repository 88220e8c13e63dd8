using XLLM.Contracts.Ids;
using XLLM.Contracts.Requests;
using XLLM.Engine.Execution;
using XLLM.Engine.Loop;
using XLLM.Engine.Speculation;
using XLLM.Engine.Tests.Loop;
using XLLM.Testing;

namespace XLLM.Engine.Tests.Speculation;

/// <summary>Speculation must not change a token, a log probability or an end, whatever else is in the batch.</summary>
public class EqualityTests
{
    private const int Vocabulary = 4089;

    [Theory]
    [InlineData(SpeculationMethod.Ngram, true)]
    [InlineData(SpeculationMethod.Suffix, true)]
    [InlineData(SpeculationMethod.Suffix, false)]
    [InlineData(SpeculationMethod.Draft, true)]
    public async Task ManyRequestsTogether_GiveEachWhatPlainDecodingGives(SpeculationMethod method, bool asyncScheduling)
    {
        InferenceRequest[] requests = [.. Enumerable.Range(0, 28).Select(Request)];
        await using EngineHarness plain = new(Load());
        Generation[] expected = await Task.WhenAll(requests.Select(plain.RunAsync));
        await using EngineHarness engine = Speculating(method, asyncScheduling: asyncScheduling);

        Generation[] actual = await Task.WhenAll(requests.Select(engine.RunAsync));

        foreach ((Generation one, Generation other) in expected.Zip(actual))
        {
            AssertEqual(one, other);
        }

        Assert.InRange(engine.Loop.Load.SpecDraftTokens, 40, int.MaxValue);
        int least = method == SpeculationMethod.Ngram ? 1 : 20;
        Assert.InRange(engine.Loop.Load.SpecAcceptedTokens, least, engine.Loop.Load.SpecDraftTokens - 1);
        Assert.Equal(engine.Loop.Load.SpecAcceptedTokens, engine.Loop.Load.SpecAcceptedByPosition.Sum());
        await engine.AssertSoundAsync();
    }

    [Theory]
    [InlineData(SpeculationMethod.Suffix)]
    [InlineData(SpeculationMethod.Draft)]
    public async Task Preemption_ChangesNothing(SpeculationMethod method)
    {
        InferenceRequest[] requests = [.. DemoTexts.Questions.Take(6).Select(q => EngineHarness.Request(DemoTexts.AskedTwice(q), 70))];
        await using EngineHarness plain = new(Load());
        await using EngineHarness tight = Speculating(method, blocks: 20);

        Generation[] squeezed = await Task.WhenAll(requests.Select(tight.RunAsync));

        Assert.True(tight.Loop.Load.Preemptions > 0);
        Assert.True(tight.Loop.Load.SpecAcceptedTokens > 20);
        foreach ((InferenceRequest request, Generation generation) in requests.Zip(squeezed))
        {
            AssertEqual(await plain.RunAsync(request), generation);
        }

        await tight.AssertSoundAsync();
    }

    [Theory]
    [InlineData(SpeculationMethod.Suffix)]
    [InlineData(SpeculationMethod.Draft)]
    public async Task APrefixHit_ChangesNothing_AndAPastResponseIsAGoodDraft(SpeculationMethod method)
    {
        InferenceRequest request = EngineHarness.Request([.. DemoTexts.Ask("Who are you?"), .. DemoTexts.Ask("Count from 1 to 30.")], 60);
        await using EngineHarness engine = Speculating(method);
        Generation first = await engine.RunAsync(request);
        long steps = engine.Loop.Load.Steps;
        await engine.RunAsync(EngineHarness.Request(DemoTexts.Ask("Name the planets."), 30));
        long before = engine.Loop.Load.Steps;

        Generation again = await engine.RunAsync(request with { Id = RequestId.New() });

        Assert.True(again.Usage.CachedTokens > 0);
        Assert.Equal(first.Ids, again.Ids);
        Assert.InRange(engine.Loop.Load.Steps - before, 1, method == SpeculationMethod.Suffix ? steps / 2 : steps + 1);
        await engine.AssertSoundAsync();
    }

    [Fact]
    public async Task ASaltedResponse_IsNoDraftForOthers()
    {
        InferenceRequest request = EngineHarness.Request(DemoTexts.Ask("Count from 1 to 30."), 60);
        await using EngineHarness engine = Speculating(SpeculationMethod.Suffix);
        await engine.RunAsync(request with { CacheSalt = "mine" });
        await engine.RunAsync(EngineHarness.Request(DemoTexts.Ask("Name the planets."), 30) with { CacheSalt = "other" });
        long accepted = engine.Loop.Load.SpecAcceptedTokens;

        await engine.RunAsync(request with { Id = RequestId.New() });
        long alone = engine.Loop.Load.SpecAcceptedTokens - accepted;
        await engine.RunAsync(EngineHarness.Request(DemoTexts.Ask("Name the planets."), 30));
        accepted = engine.Loop.Load.SpecAcceptedTokens;
        await engine.RunAsync(request with { Id = RequestId.New() });

        Assert.True(engine.Loop.Load.SpecAcceptedTokens - accepted > alone + 15);
    }

    [Theory]
    [InlineData(SpeculationMethod.Ngram)]
    [InlineData(SpeculationMethod.Suffix)]
    [InlineData(SpeculationMethod.Draft)]
    public async Task SamplesOfOnePrompt_SayWhatTheySayAlone(SpeculationMethod method)
    {
        SampleGroup group = new("samples", 4);
        int[] prompt = DemoTexts.AskedTwice("Count from 1 to 30.");
        InferenceRequest[] samples = [.. Enumerable.Range(0, 4).Select(i => EngineHarness.Request(
            prompt, 60, new SamplingOptions { Temperature = 0.6f, Seed = 7 + (ulong)i }) with { Group = group })];
        await using EngineHarness plain = new(Load());
        await using EngineHarness engine = Speculating(method);

        Generation[] together = await Task.WhenAll(samples.Select(engine.RunAsync));

        foreach ((InferenceRequest sample, Generation generation) in samples.Zip(together))
        {
            AssertEqual(await plain.RunAsync(sample with { Group = null }), generation);
        }

        Assert.True(engine.Loop.Load.SpecAcceptedTokens > 0 || method == SpeculationMethod.Ngram);
        await engine.AssertSoundAsync();
    }

    [Fact]
    public async Task ASmallPoolOfTheDraftModel_CostsDraftsAlone()
    {
        InferenceRequest[] requests = [.. DemoTexts.Questions.Take(6).Select(q => EngineHarness.Request(DemoTexts.Ask(q), 50))];
        await using EngineHarness plain = new(Load());
        await using EngineHarness engine = Speculating(SpeculationMethod.Draft, draftBlocks: 7);

        Generation[] generations = await Task.WhenAll(requests.Select(engine.RunAsync));

        foreach ((InferenceRequest request, Generation generation) in requests.Zip(generations))
        {
            AssertEqual(await plain.RunAsync(request), generation);
        }

        Assert.True(engine.Loop.Load.SpecAcceptedTokens > 0);
        await engine.AssertSoundAsync();
    }

    private static void AssertEqual(Generation expected, Generation actual)
    {
        Assert.Equal(expected.Ids, actual.Ids);
        Assert.Equal(expected.Tokens.Select(token => token.Logprob), actual.Tokens.Select(token => token.Logprob));
        Assert.Equal(
            expected.Tokens.SelectMany(token => token.Top.IsDefault ? [] : token.Top),
            actual.Tokens.SelectMany(token => token.Top.IsDefault ? [] : token.Top));
        Assert.Equal(expected.Outcome, actual.Outcome);
        Assert.Equal(expected.Last.StopToken, actual.Last.StopToken);
        Assert.Equal(expected.Usage.GeneratedTokens, actual.Usage.GeneratedTokens);
    }

    private static EngineHarness Speculating(SpeculationMethod method, int blocks = 512, int draftBlocks = 512, bool asyncScheduling = true) => new(
        Load(blocks),
        new EngineLoopOptions
        {
            WatermarkShare = 0,
            AsyncScheduling = asyncScheduling,
            Speculation = new SpeculationOptions { Method = method, MaxDraftTokens = 8, RowCost = 0.01 },
        },
        draft: method == SpeculationMethod.Draft ? Load(draftBlocks, SharedData.DemoDraftModel) : null);

    // Every kind of sampling; texts that repeat and that do not; stops, log probabilities, least lengths.
    private static InferenceRequest Request(int i)
    {
        string question = DemoTexts.Questions[i % DemoTexts.Questions.Length];
        int[] prompt = (i % 4) switch
        {
            0 => EngineHarness.Prompt(i, 10 + (i * 7), Vocabulary),
            1 => DemoTexts.Ask(question),
            _ => DemoTexts.AskedTwice(question),
        };
        return EngineHarness.Request(prompt, 20 + i) with
        {
            Sampling = (i % 5) switch
            {
                0 or 1 => SamplingOptions.Greedy,
                2 => new SamplingOptions { Temperature = 0.7f, TopP = 0.9f, Seed = (ulong)i },
                3 => new SamplingOptions { Temperature = 0.9f, TopK = 20, Seed = (ulong)i, RepetitionPenalty = 1.1f },
                _ => new SamplingOptions { Temperature = 0.3f, MinP = 0.05f, Seed = (ulong)i, FrequencyPenalty = 0.2f },
            },
            Stop = new StopOptions
            {
                MaxTokens = 20 + i,
                StopTokenIds = i % 3 == 0 ? [] : [4091, 4089, 5 + i],
                MinTokens = i % 7 == 1 ? 12 : 0,
            },
            Logprobs = new LogprobOptions { Chosen = i % 2 == 0, Top = i % 6 == 0 ? 3 : 0, Prompt = i % 8 == 2 },
        };
    }

    private static ModelRunner Load(int blocks = 512, string? path = null) =>
        ModelLoader.Load(path ?? SharedData.DemoModel, new ModelOptions { KvBlocks = blocks });
}
