using XLLM.Contracts.Ids;
using XLLM.Contracts.Requests;
using XLLM.Engine.Execution;
using XLLM.Engine.Loop;
using XLLM.Engine.Simulated;
using XLLM.Engine.Speculation;
using XLLM.Engine.Tests.Loop;
using XLLM.Testing;

namespace XLLM.Engine.Tests.Speculation;

/// <summary>What ends, breaks or stops a request in the middle of tokens that were all guessed right.</summary>
public class AcceptedRunTests
{
    [Fact]
    public async Task SeveralTokensOfAStep_AreOneChunk()
    {
        await using EngineHarness engine = await DemoAsync();

        Generation generation = await engine.RunAsync(Copying(48));

        Assert.Contains(generation.Chunks, chunk => chunk.Tokens.Length > 4);
        Assert.True(generation.Chunks.Count < 30);
        Assert.Equal(48, generation.Tokens.Count);
        Assert.Equal(engine.Loop.Load.SpecAcceptedTokens, engine.Loop.Load.SpecAcceptedByPosition.Sum());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(23)]
    [InlineData(40)]
    public async Task MaxTokens_EndsItThere(int maxTokens)
    {
        await using EngineHarness engine = await DemoAsync();

        Generation generation = await engine.RunAsync(Copying(maxTokens));

        Assert.Equal(maxTokens, generation.Tokens.Count);
        Assert.Equal(maxTokens, generation.Usage.GeneratedTokens);
        Assert.Equal(RequestOutcome.CompletedLength, generation.Outcome);
        await engine.AssertSoundAsync();
    }

    [Fact]
    public async Task AStopToken_EndsIt_AndNothingAfterItIsGivenOut()
    {
        await using EngineHarness plain = new(Load());
        int[] all = (await plain.RunAsync(Copying(60))).Ids;
        int at = Enumerable.Range(6, all.Length - 6).Last(i => Array.IndexOf(all, all[i]) == i);
        await using EngineHarness engine = await DemoAsync();

        Generation generation = await engine.RunAsync(Copying(60, all[at]));

        Assert.Equal(all[..at], generation.Ids);
        Assert.Equal(RequestOutcome.CompletedStop, generation.Outcome);
        Assert.Equal(all[at], generation.Last.StopToken);
        Assert.Equal(at + 1, generation.Usage.GeneratedTokens);
        await engine.AssertSoundAsync();
    }

    [Fact]
    public async Task ACancelDuringAStepWithADraft_GivesNoTokenOfIt()
    {
        InferenceRequest request = Copying(90);
        StepGate? gate = null;
        await using EngineHarness engine = await DemoAsync(step => gate?.BeforeStep(step));
        gate = new StepGate();
        Generation generation = await engine.StartAsync(request);
        int[] rows;
        do
        {
            rows = await gate.ArrivedAsync();
            if (rows is not [> 1 and < 14])
            {
                gate.LetOneThrough();
            }
        }
        while (rows is not [> 1 and < 14]);

        await engine.Loop.EndAsync(request.Id, RequestOutcome.Cancelled);
        gate.Open();
        await generation.Ended.WaitAsync(TimeSpan.FromSeconds(60));

        Assert.Equal(RequestOutcome.Cancelled, generation.Outcome);
        Assert.Empty(generation.Last.Tokens);
        await engine.AssertSoundAsync();
        Assert.Equal(engine.Loop.Load.TotalBlocks, engine.Loop.Load.FreeBlocks);
    }

    [Fact]
    public async Task AStepThatFailsOnce_CostsNoTokenThatWasGuessed()
    {
        InferenceRequest[] requests = [Copying(60), Copying(50) with { Id = new("req-b") }];
        await using EngineHarness plain = new(Load());
        StepGate? gate = null;
        int drafted = 0;
        await using EngineHarness engine = await DemoAsync(step =>
        {
            gate?.BeforeStep(step);
            if (gate is not null && step.Sequences.ToArray().Any(s => s.Rows is > 1 and < 14) && ++drafted == 3)
            {
                throw new InvalidOperationException("once");
            }
        });

        gate = new StepGate();
        Generation[] generations = await engine.RunTogetherAsync(gate, requests);

        Assert.True(drafted > 3);
        foreach ((InferenceRequest request, Generation generation) in requests.Zip(generations))
        {
            Assert.Equal((await plain.RunAsync(request)).Ids, generation.Ids);
        }

        await engine.AssertSoundAsync();
    }

    [Fact]
    public async Task ADraftModelThatFails_CostsNoRequestAToken()
    {
        InferenceRequest request = Copying(40);
        await using EngineHarness plain = new(Load());
        int steps = 0;
        await using EngineHarness engine = new(
            Load(), Options(SpeculationMethod.Draft), draft: new HookedRunner(Load(SharedData.DemoDraftModel), _ =>
            {
                if (++steps % 3 == 0)
                {
                    throw new InvalidOperationException("the draft model fails");
                }
            }));

        Generation generation = await engine.RunAsync(request);

        Assert.Equal((await plain.RunAsync(request)).Ids, generation.Ids);
        Assert.True(steps > 6);
        await engine.AssertSoundAsync();
    }

    [Fact]
    public void AModelOfAnotherVocabulary_IsRefused()
    {
        SimulatedModelRunner target = new(new SimulatedModelOptions());
        SimulatedModelRunner other = new(new SimulatedModelOptions { VocabularySize = 300 });

        ArgumentException error = Assert.Throws<ArgumentException>(() => Start(target, SpeculationMethod.Draft, other));

        Assert.Contains("vocabulary of 300", error.Message);
        Assert.Contains("no draft model", Assert.Throws<ArgumentException>(() => Start(target, SpeculationMethod.Draft, null)).Message);
        Assert.Contains("Draft was expected", Assert.Throws<ArgumentException>(() => Start(target, SpeculationMethod.Ngram, other)).Message);
    }

    [Fact]
    public void ATokenizerWithOtherTokens_IsRefused()
    {
        using TempFolder folder = new();
        foreach (string file in Directory.GetFiles(SharedData.DemoDraftModel))
        {
            File.Copy(file, Path.Combine(folder.Path, Path.GetFileName(file)));
        }

        VocabularyMatch.Check(SharedData.DemoModel, folder.Path);
        string tokenizer = Path.Combine(folder.Path, "tokenizer.json");
        File.WriteAllText(tokenizer, File.ReadAllText(tokenizer).Replace("<|im_start|>", "<|im_begin|>", StringComparison.Ordinal));

        ArgumentException error = Assert.Throws<ArgumentException>(() => VocabularyMatch.Check(SharedData.DemoModel, folder.Path));

        Assert.Contains("token 4090 is '<|im_begin|>' there and '<|im_start|>' here", error.Message);
    }

    [Fact]
    public void OptionsOutOfRange_AreAllNamed()
    {
        SpeculationOptions options = new()
        {
            MaxDraftTokens = 65, MaxRows = 0, RowCost = double.NaN, SuffixDepth = 3, SuffixMinProbability = 2, GlobalTokens = 5,
        };

        Assert.Equal(6, options.Validate().Count);
        Assert.Empty(new SpeculationOptions().Validate());
    }

    private static void Start(IModelRunner target, SpeculationMethod method, IModelRunner? draft) => EngineLoop.Start(
        InstanceId.Of("silo", "x"), 1, target, Options(method), TimeProvider.System,
        Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance, draft);

    /// <summary>An engine that has answered the question before, and something else while the answer entered its tree.</summary>
    private static async Task<EngineHarness> DemoAsync(Action<StepInput>? before = null)
    {
        EngineHarness engine = new(
            new HookedRunner(Load(), step => before?.Invoke(step)), Options(SpeculationMethod.Suffix));
        await engine.RunAsync(Copying(100) with { Id = RequestId.New() });
        await engine.RunAsync(EngineHarness.Request(DemoTexts.Ask("Name the planets."), 20));
        return engine;
    }

    private static EngineLoopOptions Options(SpeculationMethod method) =>
        new() { Speculation = new SpeculationOptions { Method = method, MaxDraftTokens = 12, RowCost = 0.01 } };

    private static InferenceRequest Copying(int maxTokens, params int[] stop) =>
        EngineHarness.Request(DemoTexts.Ask("Count from 20 to 50."), maxTokens, stop: stop);

    private static ModelRunner Load(string? path = null) =>
        ModelLoader.Load(path ?? SharedData.DemoModel, new ModelOptions { KvBlocks = 256 });
}
