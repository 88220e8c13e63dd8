using XLLM.Contracts.Requests;
using XLLM.Engine.Execution;
using XLLM.Engine.Loop;
using XLLM.Engine.Simulated;

namespace XLLM.Engine.Tests.Loop;

/// <summary>Samples of one prompt: what each says, what it costs, and what one does to the others.</summary>
public class SampleTests
{
    private static readonly SimulatedModelOptions Model = new() { Ranges = 16 };

    [Fact]
    public async Task FourSamples_SayWhatFourRequestsWithTheirSeedsSay_AndComputeThePromptOnce()
    {
        InferenceRequest[] samples = Samples(4, promptLength: 100, maxTokens: 20);
        StepGate gate = new();
        await using EngineHarness engine = new(Model, beforeStep: gate.BeforeStep);

        Generation[] together = await engine.RunTogetherAsync(gate, samples);

        for (int i = 0; i < samples.Length; i++)
        {
            await using EngineHarness alone = new(Model, new EngineLoopOptions { PrefixCache = false });
            Generation single = await alone.RunAsync(samples[i] with { Group = null });
            Assert.Equal(single.Ids, together[i].Ids);
            Assert.Equal(single.Outcome, together[i].Outcome);
            Assert.Equal((100, 20), (together[i].Usage.PromptTokens, together[i].Usage.GeneratedTokens));
            Assert.Equal(i == 0 ? 0 : 100, together[i].Usage.CachedTokens);
        }

        Assert.Equal(4, together.Select(generation => string.Join(',', generation.Ids)).Distinct().Count());
        Assert.Equal(100, engine.Loop.Load.PromptTokens);
        Assert.Equal(0, engine.Loop.Load.Preemptions);
        await engine.AssertSoundAsync();
    }

    [Fact]
    public async Task FourSamples_HoldFewerPagesThanFourRequests()
    {
        // 100 tokens and 10 to come: seven blocks each, of which six are shared; alone it would be 28.
        Assert.Equal(6 + 4, await PeakBlocksAsync(Samples(4, promptLength: 100, maxTokens: 10), new EngineLoopOptions()));
        InferenceRequest[] apart = [.. Samples(4, promptLength: 100, maxTokens: 10).Select(sample => sample with { Group = null })];
        Assert.Equal(4 * 7, await PeakBlocksAsync(apart, new EngineLoopOptions { PrefixCache = false }));
    }

    [Fact]
    public async Task CancellingTheFirstSample_LeavesTheOthersTheirTokens()
    {
        InferenceRequest[] samples = Samples(3, promptLength: 40, maxTokens: 30);
        StepGate gate = new(from: 1);
        await using EngineHarness engine = new(Model, beforeStep: gate.BeforeStep);
        Generation first = await engine.StartAsync(samples[0]);
        await gate.ArrivedAsync();
        Generation second = await engine.StartAsync(samples[1]);
        Generation third = await engine.StartAsync(samples[2]);
        for (int i = 0; i < 5; i++)
        {
            gate.LetOneThrough();
            await gate.ArrivedAsync();
        }

        await engine.Loop.EndAsync(samples[0].Id, RequestOutcome.Cancelled);
        gate.Open();
        await Task.WhenAll(first.Ended, second.Ended, third.Ended).WaitAsync(TimeSpan.FromSeconds(60));

        Assert.Equal(RequestOutcome.Cancelled, first.Outcome);
        await using EngineHarness alone = new(Model);
        Assert.Equal((await alone.RunAsync(samples[1] with { Group = null })).Ids, second.Ids);
        Assert.Equal((await alone.RunAsync(samples[2] with { Group = null })).Ids, third.Ids);
        Assert.Equal(RequestOutcome.CompletedLength, third.Outcome);
        await engine.AssertSoundAsync();
    }

    [Fact]
    public async Task SamplesWithoutRoom_ArePreempted_AndSayTheSame()
    {
        InferenceRequest[] samples = Samples(4, promptLength: 60, maxTokens: 80);
        StepGate gate = new();
        SimulatedModelOptions tight = Model with { Blocks = 14 };
        await using EngineHarness engine = new(tight, new EngineLoopOptions { WatermarkShare = 0 }, gate.BeforeStep);

        Generation[] squeezed = await engine.RunTogetherAsync(gate, samples);

        Assert.True(engine.Loop.Load.Preemptions > 0);
        await using EngineHarness alone = new(Model);
        for (int i = 0; i < samples.Length; i++)
        {
            Assert.Equal((await alone.RunAsync(samples[i] with { Group = null })).Ids, squeezed[i].Ids);
        }
    }

    [Fact]
    public async Task FirstTokensThatEndASample_EndItAlone()
    {
        InferenceRequest[] samples = Samples(4, promptLength: 33, maxTokens: 1);
        StepGate gate = new();
        await using EngineHarness engine = new(Model, beforeStep: gate.BeforeStep);

        Generation[] together = await engine.RunTogetherAsync(gate, samples);

        Assert.All(together, generation => Assert.Equal(RequestOutcome.CompletedLength, generation.Outcome));
        Assert.All(together, generation => Assert.Single(generation.Ids));
        Assert.Equal(512, engine.Loop.Load.FreeBlocks);
    }

    private static InferenceRequest[] Samples(int count, int promptLength, int maxTokens)
    {
        SampleGroup group = new("group-of-" + count, count);
        int[] prompt = EngineHarness.Prompt(9, promptLength);
        return [.. Enumerable.Range(0, count).Select(i =>
            EngineHarness.Request(prompt, maxTokens, new SamplingOptions { Temperature = 1, Seed = 40 + (ulong)i }) with
            {
                Group = group,
            })];
    }

    private static async Task<int> PeakBlocksAsync(InferenceRequest[] requests, EngineLoopOptions options)
    {
        StepGate gate = new();
        int peak = 0;
        void Watch(StepInput step)
        {
            gate.BeforeStep(step);
            HashSet<int> held = [];
            foreach (StepSequence sequence in step.Sequences)
            {
                held.UnionWith(sequence.Blocks.ToArray());
            }

            peak = Math.Max(peak, held.Count);
        }

        await using EngineHarness engine = new(Model with { Ranges = 0 }, options, Watch);
        await engine.RunTogetherAsync(gate, requests);
        return peak;
    }
}
