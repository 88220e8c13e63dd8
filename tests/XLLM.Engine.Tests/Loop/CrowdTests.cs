using XLLM.Contracts.Fleet;
using XLLM.Contracts.Requests;
using XLLM.Engine.Loop;
using XLLM.Engine.Simulated;

namespace XLLM.Engine.Tests.Loop;

public class CrowdTests
{
    [Theory]
    [InlineData(1, "decode-first", true, 0)]
    [InlineData(2, "decode-first", true, 24)]
    [InlineData(3, "prefill-first", true, 8)]
    [InlineData(4, "decode-first", false, 24)]
    public async Task SixtyFourRandomRequestsWithCancelsAndPauses_EndOnceEachAndLeaveNothingBehind(
        int seed, string policy, bool asynchronous, int ranges)
    {
        SimulatedModelOptions model = new() { Blocks = 60, ContextLength = 600, Ranges = ranges, MappingLimit = 200 };
        await using EngineHarness engine = new(
            model,
            new EngineLoopOptions
            {
                MaxBatchTokens = 64, MaxRunning = 16, MaxWaiting = 64, Policy = policy, AsyncScheduling = asynchronous,
            });
        Task<Generation>[] clients = [.. Enumerable.Range(0, 64).Select(i => ClientAsync(engine, (seed * 1000) + i))];

        Generation[] all = await Task.WhenAll(clients).WaitAsync(TimeSpan.FromSeconds(120));

        Assert.All(all, generation => Assert.Single(generation.Chunks, chunk => chunk.Outcome != RequestOutcome.None));
        Assert.Contains(all, generation => generation.Outcome == RequestOutcome.Cancelled);
        Assert.Contains(all, generation => generation.Outcome == RequestOutcome.CompletedLength);
        await engine.AssertSoundAsync();
        LoadReport load = engine.Loop.Load;
        Assert.Equal((0, 0, 60, 0L), (load.Running, load.Waiting, load.FreeBlocks, load.PendingPrefillTokens));
        Assert.Null(load.Fault);
        Assert.Equal(all.Sum(generation => generation.Usage.GeneratedTokens), load.GeneratedTokens);
    }

    private static async Task<Generation> ClientAsync(EngineHarness engine, int seed)
    {
        await Task.Yield();
        Random random = new(seed);
        int length = random.Next(1, 300);
        InferenceRequest request = EngineHarness.Request(
            EngineHarness.Prompt(random.Next(4), length), random.Next(1, 120), new SamplingOptions { Seed = (ulong)seed },
            stop: [0]) with
        {
            Group = seed % 4 == 0 ? new SampleGroup($"group-{seed / 8}", 2) : null,
            Priority = random.Next(3) == 0 ? RequestPriority.Offline : RequestPriority.Online,
            Logprobs = new LogprobOptions { Chosen = random.Next(4) == 0, Prompt = random.Next(8) == 0 },
        };
        Generation generation = await engine.StartAsync(request);
        if (random.Next(3) == 0)
        {
            engine.Loop.SetPaused(request.Id, true);
            await engine.Loop.CheckIntegrityAsync();
            engine.Loop.SetPaused(request.Id, false);
        }

        // Every second client that cancels does so at once, the others after an audit, which is a step later.
        if (random.Next(3) == 0)
        {
            if (random.Next(2) == 0)
            {
                Assert.Empty(await engine.Loop.CheckIntegrityAsync());
            }

            await engine.Loop.EndAsync(request.Id, RequestOutcome.Cancelled);
        }

        await generation.Ended;
        return generation;
    }
}
