using System.Collections.Immutable;
using XLLM.Contracts.Ids;
using XLLM.Contracts.Kv;
using XLLM.Contracts.Requests;
using XLLM.Engine.Execution;
using XLLM.Engine.Loop;
using XLLM.Engine.Simulated;
using XLLM.Engine.Speculation;
using XLLM.Testing;

namespace XLLM.Engine.Tests.Loop;

/// <summary>A request that goes on in another engine says what it would have said in the first.</summary>
public class ResumeTests
{
    private static readonly SimulatedModelOptions Model = new();

    public static TheoryData<bool, SpeculationMethod> Ways => new()
    {
        { true, SpeculationMethod.Off },
        { false, SpeculationMethod.Off },
        { true, SpeculationMethod.Suffix },
        { false, SpeculationMethod.Ngram },
    };

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task CutAtEveryToken_TheRestAndTheEndAreThoseOfTheWholeRun(bool asynchronous, SpeculationMethod method)
    {
        EngineLoopOptions options = new()
        {
            AsyncScheduling = asynchronous,
            Speculation = new SpeculationOptions { Method = method, RowCost = 0.01 },
        };
        foreach (InferenceRequest request in Mixture())
        {
            await using EngineHarness whole = new(Model, options);
            Generation expected = await whole.RunAsync(request);
            await using EngineHarness engine = new(Model, options);
            Assert.True(expected.Ids.Length > 20, "the test needs something to cut");
            Task<Generation>[] rests = [.. Enumerable.Range(0, expected.Ids.Length)
                .Select(cut => engine.RunAsync(Resumed(request, expected.Ids, cut)))];

            for (int cut = 0; cut < rests.Length; cut++)
            {
                Generation rest = await rests[cut];

                Assert.Equal(expected.Ids[cut..], rest.Ids);
                Assert.Equal(expected.Tokens[cut..].Select(Describe), rest.Tokens.Select(Describe));
                Assert.Equal((expected.Outcome, expected.Last.StopToken), (rest.Outcome, rest.Last.StopToken));
                Assert.Equal(expected.Usage.GeneratedTokens, rest.Usage.GeneratedTokens);
                Assert.Equal(request.PromptTokens.Length, rest.Usage.PromptTokens);
                Assert.All(rest.Chunks, chunk => Assert.Equal(1 + cut, chunk.Run));
            }

            await engine.AssertSoundAsync();
        }
    }

    [Fact]
    public async Task ThePromptsLogProbabilities_AreSentByTheRunWithTheFirstToken_AndByNoLaterOne()
    {
        InferenceRequest request = EngineHarness.Request(EngineHarness.Prompt(1, 40), 12) with
        {
            Logprobs = new LogprobOptions { Chosen = true, Top = 2, Prompt = true },
        };
        await using EngineHarness engine = new(Model);
        Generation whole = await engine.RunAsync(request);
        Generation again = await engine.RunAsync(Resumed(request, whole.Ids, 0));
        Generation rest = await engine.RunAsync(Resumed(request, whole.Ids, 5));

        Assert.Equal(40, again.Chunks.Sum(chunk => chunk.Prompt.Length));
        Assert.Equal(0, rest.Chunks.Sum(chunk => chunk.Prompt.Length));
        Assert.Equal(whole.Tokens[5..].Select(Describe), rest.Tokens.Select(Describe));
    }

    [Fact]
    public async Task AnEngineThatHasTheBlocks_ComputesOnlyTheRest()
    {
        InferenceRequest request = EngineHarness.Request(EngineHarness.Prompt(2, 100), 60);
        await using EngineHarness engine = new(Model);
        Generation whole = await engine.RunAsync(request);
        long before = engine.Loop.Load.PromptTokens;

        Generation rest = await engine.RunAsync(Resumed(request, whole.Ids, 50));

        Assert.Equal(whole.Ids[50..], rest.Ids);
        Assert.Equal(100, rest.Usage.CachedTokens);
        Assert.Equal(before, engine.Loop.Load.PromptTokens);
        Assert.InRange(engine.Loop.Load.PrefixHitTokens, 144, engine.Loop.Load.PrefixQueryTokens);
    }

    [Fact]
    public async Task ASampleOfSeveral_GoesOnByItself()
    {
        InferenceRequest[] samples = [.. Enumerable.Range(0, 3).Select(i =>
            EngineHarness.Request(EngineHarness.Prompt(3, 50), 30, new SamplingOptions { Temperature = 1, Seed = (ulong)i }) with
            {
                Group = new SampleGroup("group", 3),
            })];
        await using EngineHarness first = new(Model);
        Generation[] whole = await Task.WhenAll(samples.Select(first.RunAsync));
        await using EngineHarness second = new(Model);

        Generation[] rests = await Task.WhenAll(
            samples.Select((sample, i) => second.RunAsync(Resumed(sample, whole[i].Ids, 7 * i))));

        Assert.Equal(whole.SelectMany((sample, i) => sample.Ids[(7 * i)..]), rests.SelectMany(rest => rest.Ids));
        await second.AssertSoundAsync();
    }

    [Fact]
    public async Task AQueueDeadlineThatPassedInAnEarlierRun_DoesNotEndALaterOne()
    {
        InferenceRequest request = EngineHarness.Request(EngineHarness.Prompt(2, 20), 10);
        await using EngineHarness engine = new(Model);
        Generation whole = await engine.RunAsync(request);

        Generation rest = await engine.RunAsync(
            Resumed(request, whole.Ids, 4) with { QueueDeadline = DateTimeOffset.UtcNow - TimeSpan.FromMinutes(1) });

        Assert.Equal(RequestOutcome.CompletedLength, rest.Outcome);
        Assert.Equal(whole.Ids[4..], rest.Ids);
    }

    [Fact]
    public async Task WhatARunCannotBeResumedWith_IsRefusedWithTheReason()
    {
        InferenceRequest request = EngineHarness.Request(EngineHarness.Prompt(2, 20), 10, stop: [7]);
        await using EngineHarness engine = new(Model);

        await RefusedAsync(request with { Resumed = [.. Enumerable.Repeat(1, 10)] }, "max_tokens is 10");
        await RefusedAsync(request with { Resumed = [1, 7, 2] }, "stop token 7");
        await RefusedAsync(request with { Resumed = [1, 256] }, "Token 256");
        await RefusedAsync(request with { Resumed = [-1] }, "Token -1");
        await RefusedAsync(request with { Run = -1 }, "run is -1");

        async Task RefusedAsync(InferenceRequest bad, string reason)
        {
            LeaseResult result = await engine.Loop.ReserveAsync(bad);
            Assert.Equal(RequestOutcome.RejectedInvalid, result.Refusal);
            Assert.Contains(reason, result.Message, StringComparison.Ordinal);
        }
    }

    [SharedTheory]
    [InlineData(1)]
    [InlineData(15)]
    [InlineData(16)]
    [InlineData(17)]
    [InlineData(63)]
    public async Task WithARealModel_TheTokensAfterTheCutAreEqual(int cut)
    {
        foreach (InferenceRequest request in Mixture(4_000))
        {
            await using EngineHarness first = new(ModelLoader.Load(SharedData.DemoModel, new ModelOptions { KvBlocks = 200 }));
            Generation whole = await first.RunAsync(request);
            Assert.True(cut < whole.Ids.Length, $"the answer has only {whole.Ids.Length} tokens");
            await using EngineHarness second = new(
                ModelLoader.Load(SharedData.DemoModel, new ModelOptions { KvBlocks = 200 }),
                new EngineLoopOptions { MaxBatchTokens = 64, MaxRunning = 8 });

            Generation rest = await second.RunAsync(Resumed(request, whole.Ids, cut));

            Assert.Equal(whole.Ids[cut..], rest.Ids);
            Assert.Equal(whole.Tokens[cut..].Select(Describe), rest.Tokens.Select(Describe));
        }
    }

    private static InferenceRequest Resumed(InferenceRequest request, int[] output, int cut) => request with
    {
        Id = RequestId.New(),
        Run = 1 + cut,
        Resumed = [.. output.AsSpan(0, cut)],
    };

    // Greedy, and seeded with all that depends on what was drawn before; with stop tokens, some of which end it.
    private static IEnumerable<InferenceRequest> Mixture(int vocabulary = 256)
    {
        SamplingOptions[] ways =
        [
            SamplingOptions.Greedy,
            new() { Temperature = 0.8f, TopP = 0.9f, Seed = 5, RepetitionPenalty = 1.3f },
            new() { Temperature = 1.1f, TopK = 30, Seed = 6, PresencePenalty = 0.7f, FrequencyPenalty = 0.4f },
            new() { Temperature = 1, MinP = 0.02f, Seed = 7, LogitBias = [new TokenBias(3, 4f), new TokenBias(9, -20f)] },
        ];
        for (int i = 0; i < ways.Length; i++)
        {
            InferenceRequest request = EngineHarness.Request(
                EngineHarness.Prompt(70 + i, 20 + (9 * i), vocabulary), 70, ways[i], stop: vocabulary == 256 ? [3, 77, 150] : null);
            yield return request with
            {
                Stop = request.Stop with { MinTokens = 64 },
                Logprobs = i % 2 == 0 ? LogprobOptions.None : new LogprobOptions { Chosen = true, Top = 3 },
            };
        }
    }

    private static string Describe(GeneratedToken token) =>
        $"{token.Id} {token.Logprob} {string.Join(',', token.Top.IsDefault ? [] : token.Top)}";
}
