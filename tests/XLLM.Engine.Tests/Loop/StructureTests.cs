using System.Text.Json;
using XLLM.Contracts.Ids;
using XLLM.Contracts.Requests;
using XLLM.Engine.Execution;
using XLLM.Engine.Loop;
using XLLM.Engine.Speculation;
using XLLM.Engine.Structures;
using XLLM.Engine.Tests.Speculation;
using XLLM.Grammar;
using XLLM.Testing;
using XLLM.Text.Tokenizers;
using XLLM.Verification;

namespace XLLM.Engine.Tests.Loop;

/// <summary>Structured outputs of the bundled model: valid whatever happens to the request, and the same.</summary>
public class StructureTests
{
    private const string Schema = """
        {"type":"object","properties":{"name":{"type":"string","maxLength":12},"age":{"type":"integer","minimum":0,"maximum":150},
        "tags":{"type":"array","items":{"enum":["red","green","blue"]},"maxItems":3},"ok":{"type":"boolean"}},
        "required":["name","age","ok"],"additionalProperties":false}
        """;

    private static readonly Tokenizer Text = TokenizerLoader.Load(SharedData.DemoModel);
    private static readonly OutputStructures Structures = new(new GrammarCache(), () => SchemaVerifier.VocabularyOf(Text));
    private static readonly int[] Ends = [.. SchemaVerifier.VocabularyOf(Text).EndTokens];

    [Theory]
    [InlineData(true, 2)]
    [InlineData(false, 2)]
    [InlineData(true, 0)]
    public async Task EveryOutput_IsAValueOfTheSchema(bool asyncScheduling, int waitMilliseconds)
    {
        // A cache of its own: the masks are not known yet.
        await using EngineHarness engine = Engine(
            new EngineLoopOptions { AsyncScheduling = asyncScheduling, MaskWait = TimeSpan.FromMilliseconds(waitMilliseconds) },
            structures: new OutputStructures(new GrammarCache(), () => Structures.Tokenizer));
        InferenceRequest[] requests = [.. Enumerable.Range(0, 24).Select(i => Request(i))];

        Generation[] generations = await Task.WhenAll(requests.Select(engine.RunAsync));

        foreach (Generation generation in generations)
        {
            Assert.Equal(RequestOutcome.CompletedStop, generation.Outcome);
            AssertValid(generation.Ids);
        }

        Assert.True(generations.Select(g => Text.Decode(g.Ids)).Distinct().Count() > 12);
        await engine.AssertSoundAsync();
    }

    [Theory]
    [InlineData(SpeculationMethod.Ngram, 2)]
    [InlineData(SpeculationMethod.Suffix, 2)]
    [InlineData(SpeculationMethod.Suffix, 0)]
    [InlineData(SpeculationMethod.Draft, 2)]
    public async Task Speculation_ChangesNoToken(SpeculationMethod method, int waitMilliseconds)
    {
        InferenceRequest[] requests = [.. Enumerable.Range(0, 20).Select(i => Request(i))];
        await using EngineHarness plain = Engine();
        Generation[] expected = await Task.WhenAll(requests.Select(plain.RunAsync));
        EngineLoopOptions options = new()
        {
            MaskWait = TimeSpan.FromMilliseconds(waitMilliseconds),
            Speculation = new SpeculationOptions { Method = method, RowCost = 0.01 },
        };
        await using EngineHarness engine = Engine(
            options, draft: method == SpeculationMethod.Draft ? ModelLoader.Load(SharedData.DemoDraftModel, new ModelOptions { KvBlocks = 256 }) : null,
            structures: new OutputStructures(new GrammarCache(), () => Structures.Tokenizer));

        Generation[] actual = await Task.WhenAll(requests.Select(engine.RunAsync));

        Assert.True(engine.Loop.Load.SpecDraftTokens > 0);
        foreach ((Generation one, Generation other) in expected.Zip(actual))
        {
            Assert.Equal(one.Ids, other.Ids);
            Assert.Equal(one.Outcome, other.Outcome);
        }

        await engine.AssertSoundAsync();
    }

    [Fact]
    public async Task FourSamples_SayWhatFourRequestsSay()
    {
        InferenceRequest first = Request(5);
        InferenceRequest[] samples = [.. Enumerable.Range(0, 4).Select(i => first with
        {
            Id = new($"req-sample-{i}"),
            Sampling = first.Sampling with { Temperature = 1, Seed = 30 + (ulong)i },
            Group = new SampleGroup("group", 4),
        })];
        StepGate gate = new();
        await using EngineHarness engine = Engine(hook: gate);
        await using EngineHarness alone = Engine();

        Task<Generation[]> running = Task.WhenAll(samples.Select(engine.RunAsync));
        await gate.ArrivedAsync();
        gate.Open();
        Generation[] together = await running;

        foreach ((InferenceRequest request, Generation generation) in samples.Zip(together))
        {
            Assert.Equal((await alone.RunAsync(request with { Group = null })).Ids, generation.Ids);
            AssertValid(generation.Ids);
        }
    }

    [Fact]
    public async Task ResumedAtEveryToken_ItGoesOnTheSame()
    {
        InferenceRequest request = Request(4, 40);
        await using EngineHarness engine = Engine();
        Generation whole = await engine.RunAsync(request);
        AssertValid(whole.Ids);

        for (int cut = 1; cut < whole.Ids.Length; cut++)
        {
            Generation rest = await engine.RunAsync(request with { Id = RequestId.New(), Run = cut, Resumed = [.. whole.Ids.Take(cut)] });
            Assert.Equal(whole.Ids.Skip(cut), rest.Ids);
            Assert.Equal(whole.Outcome, rest.Outcome);
        }
    }

    [Fact]
    public async Task AtEveryLimit_TheValueIsCompleteWhereTheShortestFits()
    {
        await using EngineHarness engine = Engine();
        GrammarState start = Structures.Cache.Get(OutputStructure.JsonSchema(Schema)).Start(Structures.Tokenizer);
        int least = start.Spell(start.Completion()!)!.Length;
        InferenceRequest[] requests = [.. Enumerable.Range(1, 60).SelectMany(limit => (int[])[1, 2]).Select((seed, i) => Request(seed, (i / 2) + 1))];

        Generation[] generations = await Task.WhenAll(requests.Chunk(20).SelectMany(c => c).Select(engine.RunAsync));

        foreach ((InferenceRequest request, Generation generation) in requests.Zip(generations))
        {
            int limit = request.Stop.MaxTokens;
            Assert.True(generation.Ids.Length <= limit);
            if (limit >= least)
            {
                Assert.True(generation.Outcome == RequestOutcome.CompletedStop, $"{limit} tokens: {Text.Decode(generation.Ids)}");
                AssertValid(generation.Ids);
            }
            else
            {
                Assert.Equal(RequestOutcome.CompletedLength, generation.Outcome);
                Assert.Equal(limit, generation.Ids.Length);
            }
        }
    }

    [Fact]
    public async Task PreEmption_ChangesNothing()
    {
        OutputStructure longer = OutputStructure.JsonSchema("""{"type":"array","items":{"type":"integer"},"minItems":25,"maxItems":40}""");
        InferenceRequest[] requests = [.. Enumerable.Range(0, 5).Select(i => Request(i, 120) with { Structure = longer })];
        await using EngineHarness plain = Engine();
        await using EngineHarness tight = Engine(new EngineLoopOptions { WatermarkShare = 0 }, blocks: 14);

        Generation[] squeezed = await Task.WhenAll(requests.Select(tight.RunAsync));

        Assert.True(tight.Loop.Load.Preemptions > 0);
        foreach ((InferenceRequest request, Generation generation) in requests.Zip(squeezed))
        {
            Assert.Equal((await plain.RunAsync(request)).Ids, generation.Ids);
            using JsonDocument value = JsonDocument.Parse(Text.Decode(generation.Ids));
            Assert.InRange(value.RootElement.GetArrayLength(), 25, 40);
        }

        await tight.AssertSoundAsync();
    }

    [Fact]
    public async Task ToolCalls_AreWrittenBetweenTheirMarks_AsOftenAsWanted()
    {
        OutputStructure call = OutputStructure.Sequence(
            OutputStructure.Literal("<call>"), OutputStructure.JsonSchema(Schema), OutputStructure.Literal("</call>"));
        await using EngineHarness engine = Engine();
        foreach ((OutputStructure structure, int least, int most) in ((OutputStructure, int, int)[])[
            (OutputStructure.Repeat(call, 1, 1), 1, 1), (OutputStructure.Repeat(call, 2, 3), 2, 3), (OutputStructure.Triggered([call], 1, 2), 1, 2)])
        {
            for (int seed = 0; seed < 4; seed++)
            {
                Generation generation = await engine.RunAsync(Request(seed, 160) with { Structure = structure });
                string[] parts = Text.Decode(generation.Ids).Split("<call>");
                // Where more may follow the text may reach the limit between two calls.
                Assert.True(
                    generation.Outcome == RequestOutcome.CompletedStop || structure.Kind == StructureKind.Triggered || parts.Length - 1 < most,
                    Text.Decode(generation.Ids));
                Assert.InRange(parts.Length - 1, least, most);
                foreach (string part in parts.Skip(1))
                {
                    AssertValid(part[..part.IndexOf("</call>", StringComparison.Ordinal)]);
                }
            }
        }
    }

    [Fact]
    public async Task LogProbabilities_AreThoseOfTheModel()
    {
        InferenceRequest free = Request(3, 1) with { Structure = null, Logprobs = new LogprobOptions { Chosen = true, Top = 5 } };
        await using EngineHarness engine = Engine();
        GeneratedToken expected = (await engine.RunAsync(free)).Tokens[0];

        Generation kept = await engine.RunAsync(Request(3) with { Logprobs = free.Logprobs });

        Assert.Equal(expected.Top.ToArray(), kept.Tokens[0].Top.ToArray());
        Assert.NotEqual(expected.Id, kept.Tokens[0].Id);
        Assert.True(kept.Tokens[0].Logprob < expected.Logprob);
    }

    [Fact]
    public async Task EndTokens_ComeWhereTheTextMayEnd_AndAreNotNeeded()
    {
        await using EngineHarness engine = Engine();
        foreach (int[] stop in (int[][])[[], [.. Ends, 5], Ends])
        {
            InferenceRequest request = Request(2) with { Structure = OutputStructure.Regex("(ab){2,4}") };
            Generation generation = await engine.RunAsync(
                request with { Stop = request.Stop with { StopTokenIds = [.. stop], MinTokens = 30 } });
            Assert.Matches("^(ab){2,4}$", Text.Decode(generation.Ids));
            Assert.Equal(RequestOutcome.CompletedStop, generation.Outcome);
        }
    }

    [Fact]
    public async Task WhatCannotBeKept_EndsTheRequestWithTheReason()
    {
        await using EngineHarness engine = Engine();
        Generation generation = await engine.RunAsync(
            Request(1) with { Structure = OutputStructure.JsonSchema("""{"properties":{"a":{"type":"nothing"}}}""") });
        Assert.Equal(RequestOutcome.RejectedInvalid, generation.Outcome);
        Assert.Contains("#/properties/a", generation.Last.Error, StringComparison.Ordinal);
        InferenceRequest foreign = Request(1);
        generation = await engine.RunAsync(foreign with { Run = 1, Resumed = [.. Text.EncodeToIds("[")] });
        Assert.Equal(RequestOutcome.EngineFailed, generation.Outcome);
        Assert.Contains("resumed", generation.Last.Error, StringComparison.Ordinal);

        await using EngineHarness without = new(ModelLoader.Load(SharedData.DemoModel, new ModelOptions { KvBlocks = 64 }));
        Assert.Equal(RequestOutcome.RejectedInvalid, (await without.Loop.ReserveAsync(Request(1))).Refusal);
    }

    private static EngineHarness Engine(
        EngineLoopOptions? options = null, int blocks = 512, IModelRunner? draft = null, OutputStructures? structures = null, StepGate? hook = null)
    {
        IModelRunner runner = ModelLoader.Load(SharedData.DemoModel, new ModelOptions { KvBlocks = blocks });
        return new EngineHarness(
            hook is null ? runner : new HookedRunner(runner, hook.BeforeStep), options, draft: draft, structures: structures ?? Structures);
    }

    private static InferenceRequest Request(int seed, int maxTokens = 100) => EngineHarness.Request(
        DemoTexts.Ask(DemoTexts.Questions[seed % DemoTexts.Questions.Length]),
        maxTokens,
        seed % 3 == 0 ? SamplingOptions.Greedy : new SamplingOptions { Temperature = seed % 2 == 0 ? 0.8f : 1.2f, TopP = 0.95f, Seed = (ulong)seed },
        stop: Ends) with { Structure = OutputStructure.JsonSchema(Schema) };

    private static void AssertValid(int[] tokens) => AssertValid(Text.Decode(tokens));

    private static void AssertValid(string text)
    {
        using JsonDocument document = JsonDocument.Parse(text);
        Dictionary<string, JsonElement> members = document.RootElement.EnumerateObject().ToDictionary(m => m.Name, m => m.Value);
        Assert.Empty(members.Keys.Except(["name", "age", "tags", "ok"]));
        Assert.InRange(members["name"].GetString()!.EnumerateRunes().Count(), 0, 12);
        double age = members["age"].GetDouble();
        Assert.True(age is >= 0 and <= 150 && age == Math.Floor(age));
        _ = members["ok"].GetBoolean();
        if (members.TryGetValue("tags", out JsonElement tags))
        {
            string[] items = [.. tags.EnumerateArray().Select(t => t.GetString()!)];
            Assert.True(items.Length <= 3 && items.All(i => i is "red" or "green" or "blue"));
        }
    }
}
