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
    private const int WarmSteps = 300;
    private const int WindowSteps = 900;
    private const int Windows = 2;
    private const int Tokens = 2_500;

    /// <summary>
    /// While requests decode, with none starting or ending, planning, running, sampling, chunks and their hand-over take nothing
    /// from the heap on the engine's threads: blocks fill and are hashed, lists grow and outputs go round on the way. The reader
    /// keeps its thread: how an asynchronous one is woken is the affair of the runtime's pool. Exactly nothing is asked of one
    /// window of hundreds of steps: in another the runtime may take something once, for code that runs for the first time.
    /// </summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task HundredsOfDecodeSteps_TakeNoMemoryOnTheEnginesThreads(bool asynchronous)
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
        held.Return();
        Read(loop, meter, WarmSteps);
        for (int window = 1; ; window++)
        {
            meter.Begin();
            Read(loop, meter, WindowSteps);
            meter.End();
            IReadOnlyDictionary<string, long> taken = meter.Taken();
            Assert.Equal(asynchronous ? 2 : 1, taken.Count);
            if (taken.Values.All(bytes => bytes == 0))
            {
                return;
            }

            Assert.True(window < Windows, meter.Describe());
        }
    }

    private static void Read(EngineLoop loop, AllocationMeter meter, int steps)
    {
        for (int i = 0; i < steps; i++)
        {
            EngineOutput output = Next(loop, meter);
            Assert.DoesNotContain(output.Chunks, chunk => chunk.Outcome != RequestOutcome.None);
            output.Return();
            loop.TakeBlockEvents();
        }
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
