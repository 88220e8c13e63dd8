using XLLM.Contracts.Fleet;
using XLLM.Contracts.Requests;
using XLLM.Engine.Execution;
using XLLM.Engine.Loop;
using XLLM.Engine.Simulated;
using XLLM.Testing;

namespace XLLM.Engine.Tests.Loop;

/// <summary>What an engine says of its load and latencies.</summary>
public class LoadTests
{
    private static readonly SimulatedModelOptions Model = new();

    [Fact]
    public async Task InTheMiddleOfABatch_ItSaysWhoPrefillsAndHowMuchKvThereIs()
    {
        StepGate gate = new();
        await using EngineHarness engine = new(Model, new EngineLoopOptions { MaxBatchTokens = 64, MaxRunning = 8 }, gate.BeforeStep);
        await engine.StartAsync(EngineHarness.Request(EngineHarness.Prompt(1, 40), 200));
        await gate.ArrivedAsync();
        await engine.StartAsync(EngineHarness.Request(EngineHarness.Prompt(2, 300), 200));
        for (int i = 0; i < 3; i++)
        {
            gate.LetOneThrough();
            await gate.ArrivedAsync();
        }

        await engine.AssertSoundAsync();
        LoadReport load = engine.Loop.Load;

        Assert.Equal((2, 1), (load.Running, load.Prefilling));
        Assert.InRange(load.RunningTokens, 41, 340);
        gate.Open();
    }

    [Fact]
    public async Task Latencies_AreOfTheTimeSinceTheLastReport()
    {
        await using EngineHarness engine = new(Model);
        Assert.Same(LatencyProfile.Empty, engine.Loop.Load.Recent);
        Generation one = await engine.RunAsync(EngineHarness.Request(EngineHarness.Prompt(1, 40), 100));
        await engine.AssertSoundAsync();
        LoadReport load = engine.Loop.Load;

        Assert.Equal(one.Usage.FirstTokenSeconds, load.MaxTtftSeconds);
        Assert.Equal((one.Usage.LastTokenSeconds - one.Usage.FirstTokenSeconds) / 99, load.TokenSeconds, 9);
        PrefillSample prefill = Assert.Single(load.Recent.Prefill);
        Assert.Equal((40, 0), (prefill.Tokens, prefill.CachedTokens));
        Assert.InRange(prefill.Seconds, 0, one.Usage.FirstTokenSeconds);
        Assert.InRange(load.Recent.Decode.Length, 10, 16);
        Assert.All(load.Recent.Decode, sample => Assert.True(sample is { Batch: 1, KvTokens: > 40 and <= 140, Seconds: > 0 }));
        LoadReport next = engine.Loop.Load;
        Assert.Same(LatencyProfile.Empty, next.Recent);
        Assert.True(double.IsNaN(next.TokenSeconds) && double.IsNaN(next.MaxTtftSeconds));
    }

    [Fact]
    public async Task PromptsAreSampledByTheStep_WithTheDecodesBesideThem()
    {
        StepGate gate = new();
        await using EngineHarness engine = new(Model, new EngineLoopOptions { MaxBatchTokens = 64, MaxRunning = 8 }, gate.BeforeStep);
        await engine.StartAsync(EngineHarness.Request(EngineHarness.Prompt(1, 40), 200));
        await gate.ArrivedAsync();
        await engine.StartAsync(EngineHarness.Request(EngineHarness.Prompt(2, 100), 200));
        for (int i = 0; i < 4; i++)
        {
            gate.LetOneThrough();
            await gate.ArrivedAsync();
        }

        await engine.AssertSoundAsync();
        PrefillSample[] samples = [.. engine.Loop.Load.Recent.Prefill.Take(3)];
        gate.Open();

        // 40 tokens alone; then 100 more in steps of at most 64, of which the first request's decode takes one.
        Assert.Equal((40, 0, 0), (samples[0].Tokens, samples[0].CachedTokens, samples[0].Decodes));
        Assert.Equal(1, samples[1].Decodes);
        Assert.InRange(samples[1].KvTokens, 41, 45);
        Assert.Equal(63, samples[1].Tokens - samples[1].CachedTokens);
        Assert.Equal((100, 63), (samples[2].Tokens, samples[2].CachedTokens));
    }

    [SharedFact]
    public async Task AProfile_IsMeasuredWhereItIsWanted_InBoundedTime()
    {
        long began = TimeProvider.System.GetTimestamp();
        await using EngineHarness engine = new(
            ModelLoader.Load(SharedData.DemoModel, new ModelOptions { KvBlocks = 300 }),
            new EngineLoopOptions { ProfileTime = TimeSpan.FromSeconds(4) });
        TimeSpan took = TimeProvider.System.GetElapsedTime(began);

        LatencyProfile profile = engine.Loop.Descriptor.Profile;
        Assert.True(profile.Prefill.Length >= 2 && profile.Decode.Length >= 2);
        Assert.All(profile.Prefill, sample => Assert.InRange(sample.Seconds, 1e-6, 5));
        Assert.Contains(profile.Prefill, sample => sample.CachedTokens > 0);
        Assert.True(profile.Prefill[^1].Seconds > profile.Prefill[0].Seconds, "a longer prompt takes longer");
        Assert.True(took < TimeSpan.FromSeconds(40), $"loading and measuring took {took}");
        InferenceRequest request = EngineHarness.Request(EngineHarness.Prompt(1, 70, 4_000), 10);
        await using EngineHarness plain = new(ModelLoader.Load(SharedData.DemoModel, new ModelOptions { KvBlocks = 300 }));
        Assert.Equal((await plain.RunAsync(request)).Ids, (await engine.RunAsync(request)).Ids);
        Assert.Same(LatencyProfile.Empty, plain.Loop.Descriptor.Profile);
    }
}
