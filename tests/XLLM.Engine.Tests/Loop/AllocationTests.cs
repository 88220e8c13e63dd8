using XLLM.Contracts.Requests;
using XLLM.Engine.Simulated;

namespace XLLM.Engine.Tests.Loop;

public class AllocationTests
{
    /// <summary>
    /// A token costs its chunk (80 bytes) and the chunk's array of one token (48); a step its output, the array of chunks and
    /// a share of the channel's segment. Nothing else may be taken from the heap while a batch decodes.
    /// </summary>
    [Fact]
    public async Task ADecodeStep_TakesNoMemoryButItsChunks()
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
        double perToken = (double)(last.bytes - first.bytes) / measured / Requests;
        Assert.InRange(perToken, 100, 200);
    }

    private static SamplingOptions Mixture(int i) => (i % 4) switch
    {
        0 => SamplingOptions.Greedy,
        1 => new SamplingOptions { TopP = 0.9f, Seed = 1 },
        2 => new SamplingOptions { TopK = 40, Seed = 2 },
        _ => new SamplingOptions { MinP = 0.1f, Seed = 3 },
    };
}
