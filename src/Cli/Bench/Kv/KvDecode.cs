using Microsoft.Extensions.Logging.Abstractions;
using XLLM.Cli.Bench.Loop;
using XLLM.Cli.Bench.Points;
using XLLM.Contracts.Ids;
using XLLM.Engine.Execution;
using XLLM.Engine.Loop;
using XLLM.Engine.Memory;

namespace XLLM.Cli.Bench.Kv;

/// <summary>
/// Decode rates of one point, end to end: block lists over a plain pool, and ranges of addresses over a virtual one.
/// </summary>
internal sealed record KvDecode(BenchPoint Point, Samples Plain, Samples Ranges)
{
    private const int Seed = 1;

    /// <summary>Ranges against block lists, the median of the rounds' ratios.</summary>
    public double Ratio => Samples.MedianOf(Ranges.Rates.Zip(Plain.Rates, (ranges, plain) => ranges / plain));

    /// <summary>Measures two engines that differ in nothing else, in turn within each round.</summary>
    /// <param name="load">Loads the model; its engine disposes of it.</param>
    public static async Task<IReadOnlyList<KvDecode>> MeasureAsync(
        Func<KvMode, ModelRunner> load, IReadOnlyList<BenchPoint> points, int rounds, CancellationToken cancellation)
    {
        await using EngineLoop plain = Start(load(KvMode.Plain), points);
        await using EngineLoop mapped = Start(load(KvMode.Virtual), points);
        LoopBench[] benches = [new(plain, TimeProvider.System, Seed), new(mapped, TimeProvider.System, Seed)];
        KvDecode[] results = [.. points.Select(point => new KvDecode(point, new Samples(), new Samples()))];
        foreach (LoopBench bench in benches)
        {
            await bench.FirstTokenAsync(bench.RandomPrompt(64), cancellation);
        }

        for (int round = 0; round < rounds; round++)
        {
            foreach (KvDecode result in results)
            {
                BenchPoint point = result.Point;
                result.Plain.Add(await benches[0].DecodeAsync(point.Streams, point.Context, point.Steps, cancellation));
                result.Ranges.Add(await benches[1].DecodeAsync(point.Streams, point.Context, point.Steps, cancellation));
            }
        }

        return results;
    }

    private static EngineLoop Start(ModelRunner runner, IReadOnlyList<BenchPoint> points) => EngineLoop.Start(
        InstanceId.Of("bench", "cpu0"), 1, runner,
        new EngineLoopOptions { MaxRunning = Math.Max(1, points.Max(p => p.Streams)), PrefixCache = false },
        TimeProvider.System, NullLogger.Instance);
}
