using XLLM.Contracts.Requests;
using XLLM.Engine.Simulated;

namespace XLLM.Engine.Tests.Loop;

public class AllocationTests
{
    [Fact]
    public async Task ADecodeStep_TakesNoMemoryOnTheDevicesThread()
    {
        const int Requests = 8;
        (long bytes, int steps) first = default;
        (long bytes, int steps) last = default;
        int steps = 0;
        StepGate gate = new();
        await using EngineHarness engine = new(new SimulatedModelOptions(), beforeStep: step =>
        {
            gate.BeforeStep(step);
            steps++;
            if (step.TokenCount == Requests)
            {
                last = (GC.GetAllocatedBytesForCurrentThread(), steps);
                first = steps < 60 ? last : first;
            }
        });
        InferenceRequest[] requests = [.. Enumerable.Range(0, Requests).Select(i =>
            EngineHarness.Request(EngineHarness.Prompt(i, 20), 180, Mixture(i)))];

        await engine.RunTogetherAsync(gate, requests);
        await engine.AssertSoundAsync();

        int measured = last.steps - first.steps;
        Assert.InRange(measured, 100, 180);
        Assert.Equal(0, last.bytes - first.bytes);
    }

    private static SamplingOptions Mixture(int i) => (i % 4) switch
    {
        0 => SamplingOptions.Greedy,
        1 => new SamplingOptions { TopP = 0.9f, Seed = 1 },
        2 => new SamplingOptions { TopK = 40, Seed = 2 },
        _ => new SamplingOptions { MinP = 0.1f, Seed = 3 },
    };
}
