using XLLM.Contracts.Requests;
using XLLM.Engine.Execution;
using XLLM.Engine.Loop;
using XLLM.Engine.Memory;
using XLLM.Testing;

namespace XLLM.Engine.Tests.Loop;

/// <summary>The promises of equality again, on the bundled model with real kernels and KV.</summary>
public class DemoModelTests
{
    private const int Vocabulary = 4089;

    [Fact]
    public async Task EightMixedRequestsTogether_GiveEachTheTokensItGetsAlone()
    {
        InferenceRequest[] requests = [.. Enumerable.Range(0, 8).Select(i => Request(i, 5 + (i * 13), 6 + (i * 3)))];
        StepGate gate = new();
        await using EngineHarness together = new(new HookedRunner(Load(), gate.BeforeStep));
        await using EngineHarness single = new(Load(), new EngineLoopOptions { PrefixCache = false });

        Generation[] batch = await together.RunTogetherAsync(gate, requests);

        foreach ((InferenceRequest request, Generation generation) in requests.Zip(batch))
        {
            Assert.Equal((await single.RunAsync(request)).Ids, generation.Ids);
        }

        Assert.True(together.Loop.Load.Steps < requests.Sum(request => request.Stop.MaxTokens) / 2);
    }

    [Fact]
    public async Task ChunkedPrefillAndPrefixHits_GiveTheSameTokens()
    {
        InferenceRequest first = Request(1, 150, 20);
        InferenceRequest second = first with { Id = new("req-second"), PromptTokens = [.. first.PromptTokens, 5, 6, 7] };
        await using EngineHarness plain = new(Load(), new EngineLoopOptions { PrefixCache = false });
        await using EngineHarness chunked = new(Load(), new EngineLoopOptions { MaxBatchTokens = 24, MaxRunning = 4 });

        Assert.Equal((await plain.RunAsync(first)).Ids, (await chunked.RunAsync(first)).Ids);
        Generation hit = await chunked.RunAsync(second);

        Assert.Equal(144, hit.Usage.CachedTokens);
        Assert.Equal((await plain.RunAsync(second)).Ids, hit.Ids);
    }

    [Fact]
    public async Task PreemptionAndRecompute_GiveTheSameTokens()
    {
        InferenceRequest[] requests = [.. Enumerable.Range(0, 4).Select(i => Request(30 + i, 30, 90))];
        await using EngineHarness plain = new(Load());
        StepGate gate = new();
        await using EngineHarness tight = new(
            new HookedRunner(Load(blocks: 12), gate.BeforeStep), new EngineLoopOptions { WatermarkShare = 0 });

        Generation[] squeezed = await tight.RunTogetherAsync(gate, requests);

        Assert.True(tight.Loop.Load.Preemptions > 0);
        foreach ((InferenceRequest request, Generation generation) in requests.Zip(squeezed))
        {
            Assert.Equal((await plain.RunAsync(request)).Ids, generation.Ids);
        }
    }

    [Fact]
    public async Task InRangesOfAddresses_RequestsSayTheSame_AndMemoryIsMappedBeforeStepsNeedIt()
    {
        InferenceRequest[] requests = [.. Enumerable.Range(0, 8).Select(i => Request(i, 5 + (i * 13), 40 + (i * 3)))];
        StepGate gate = new();
        ModelRunner runner = Load(mode: KvMode.Virtual);
        Assert.Equal(OperatingSystem.IsLinux(), runner.Ranges is not null);
        await using EngineHarness plain = new(Load());
        await using EngineHarness ranges = new(new HookedRunner(runner, gate.BeforeStep));

        Generation[] batch = await ranges.RunTogetherAsync(gate, requests);

        foreach ((InferenceRequest request, Generation generation) in requests.Zip(batch))
        {
            Assert.Equal((await plain.RunAsync(request)).Ids, generation.Ids);
        }

        if (runner.Ranges is { Stats: var stats })
        {
            Assert.Equal(0, stats.Repairs);
            Assert.True(stats.AheadOrders > 0 && stats.Calls > 0);
        }

        await ranges.AssertSoundAsync();
    }

    [Theory]
    [InlineData(KvMode.Plain)]
    [InlineData(KvMode.Virtual)]
    public async Task FourSamples_SayWhatFourRequestsWithTheirSeedsSay(KvMode mode)
    {
        SamplingOptions sampling = new() { Temperature = 0.9f, TopP = 0.95f };
        InferenceRequest first = Request(4, 71, 40);
        InferenceRequest[] samples = [.. Enumerable.Range(0, 4).Select(i => first with
        {
            Id = new($"req-sample-{i}"),
            Sampling = sampling with { Seed = 70 + (ulong)i },
            Group = new SampleGroup("group", 4),
        })];
        StepGate gate = new();
        await using EngineHarness engine = new(new HookedRunner(Load(mode: mode), gate.BeforeStep));
        await using EngineHarness alone = new(Load(), new EngineLoopOptions { PrefixCache = false });

        Generation[] together = await engine.RunTogetherAsync(gate, samples);

        foreach ((InferenceRequest request, Generation generation) in samples.Zip(together))
        {
            Assert.Equal((await alone.RunAsync(request with { Group = null })).Ids, generation.Ids);
        }

        Assert.Equal(4, together.Select(generation => string.Join(',', generation.Ids)).Distinct().Count());
        Assert.Equal(71, engine.Loop.Load.PromptTokens);
    }

    private static InferenceRequest Request(int seed, int length, int maxTokens) => EngineHarness.Request(
        EngineHarness.Prompt(seed, length, Vocabulary),
        maxTokens,
        seed % 3 == 2 ? new SamplingOptions { Temperature = 0.9f, TopP = 0.95f, Seed = (ulong)seed } : SamplingOptions.Greedy);

    private static ModelRunner Load(int blocks = 256, KvMode mode = KvMode.Plain) =>
        ModelLoader.Load(SharedData.DemoModel, new ModelOptions { KvBlocks = blocks, KvMode = mode });
}
