using XLLM.Contracts.Ids;
using XLLM.Contracts.Ports;
using XLLM.Contracts.Requests;
using XLLM.Engine.Execution;
using XLLM.Engine.Loop;
using XLLM.Testing;

namespace XLLM.Engine.Tests.Loop;

public class AllocationTests
{
    private const int Streams = 4;
    private const int UnreadSteps = 40;
    private const int WarmTokens = 300;
    private const int Tokens = 2_500;

    /// <summary>
    /// While requests decode, with none starting or ending, planning, running, sampling, chunks and their hand-over take nothing
    /// from the heap on the engine's threads: blocks fill and are hashed, lists grow and outputs go round on the way. The reader
    /// has a thread of its own: to wake an asynchronous one is to ask the runtime's pool for a thread, and the pool makes the new
    /// thread's object, now and then, on the thread that asks.
    /// </summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task ThousandsOfDecodeSteps_TakeNoMemoryOnTheEnginesThreads(bool asynchronous)
    {
        AllocationMeter meter = new();
        await using EngineLoop loop = EngineLoop.Start(
            InstanceId.Of("silo", "sim0"), 7,
            ModelLoader.Load(SharedData.DemoModel, new ModelOptions { KvBlocks = 1_800 }),
            new EngineLoopOptions { AsyncScheduling = asynchronous, UnreadSteps = UnreadSteps },
            meter,
            Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance);
        for (int i = 0; i < Streams; i++)
        {
            InferenceRequest request = EngineHarness.Request(EngineHarness.Prompt(i, 20, 4_000), Tokens, Mixture(i));
            Assert.True(await loop.StartAsync(request, (await loop.ReserveAsync(request)).Lease!));
        }

        // A reader that lags as far as it may, with one more output in hand: now there are as many as there can be.
        await FillAsync(loop);
        EngineOutput held = await loop.Outputs.ReadAsync();
        await FillAsync(loop);
        int tokens = held.Chunks.Sum(chunk => chunk.Tokens.Length);
        held.Return();
        while (tokens < Streams * (Tokens - 300))
        {
            EngineOutput output = Next(loop, meter);
            tokens += output.Chunks.Sum(chunk => chunk.Tokens.Length);
            Assert.DoesNotContain(output.Chunks, chunk => chunk.Outcome != RequestOutcome.None);
            output.Return();
            loop.TakeBlockEvents();
            if (tokens is >= Streams * WarmTokens and < Streams * (WarmTokens + 2))
            {
                meter.Begin();
            }
        }

        meter.End();
        IReadOnlyDictionary<string, long> taken = meter.Taken();
        Assert.Equal(asynchronous ? 2 : 1, taken.Count);
        Assert.True(taken.Values.All(bytes => bytes == 0), meter.Describe());
    }

    private static EngineOutput Next(EngineLoop loop, AllocationMeter meter)
    {
        EngineOutput? output;
        while (!loop.Outputs.TryRead(out output))
        {
            meter.WaitForTurn();
        }

        return output;
    }

    private static async Task FillAsync(EngineLoop loop)
    {
        while (loop.Outputs.Count < UnreadSteps)
        {
            await loop.CheckIntegrityAsync();
        }
    }

    private static SamplingOptions Mixture(int i) => (i % 4) switch
    {
        0 => SamplingOptions.Greedy,
        1 => new SamplingOptions { TopP = 0.9f, Seed = 1 },
        2 => new SamplingOptions { TopK = 40, Seed = 2 },
        _ => new SamplingOptions { MinP = 0.1f, Seed = 3 },
    };
}
