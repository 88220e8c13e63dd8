using Microsoft.Extensions.Logging.Abstractions;
using XLLM.Cli.Bench.Limits;
using XLLM.Cli.Bench.Loop;
using XLLM.Cli.Bench.Points;
using XLLM.Cli.Bench.Reports;
using XLLM.Cli.Terminal;
using XLLM.Contracts.Ids;
using XLLM.Engine.Execution;
using XLLM.Engine.Interop;
using XLLM.Engine.Loop;
using XLLM.Engine.Memory;
using XLLM.Engine.Simulated;
using XLLM.Testing;

namespace XLLM.Cli.Tests.Bench;

public sealed class OwnSideTests
{
    [Fact]
    public async Task All_kinds_of_points_run_on_the_demo_model_beside_a_peer_that_is_slow_and_one_that_fails()
    {
        IReadOnlyList<BenchPoint> points = PointList.Parse("prefill:600,decode:1:40,decode:3:40,mixed:2:300");
        ModelOptions options = new() { Threads = 1 };
        await using OwnEngine ours = OwnEngine.Load(SharedData.DemoModel, options, points, 1, default);
        await using FakeSide slow = new("slow", _ => new TaskCompletionSource().Task);
        await using FakeSide failing = new("failing", _ => throw new PeerException("it fell over"));
        await using FakeSide good = new("good", _ => Task.CompletedTask);
        Comparison comparison = new(
            ours, [slow, failing, good], ModelCost.Read(SharedData.DemoModel, KvType.F16), new LimitProbe(EngineIsa.Auto, 1, 0.01),
            new ProgressLine(TextWriter.Null, false, TimeProvider.System), 2, TimeSpan.FromMilliseconds(50));
        IReadOnlyList<PointResult> results = await comparison.RunAsync(points, default);
        Assert.Equal(points, results.Select(r => r.Point));
        Assert.All(results, r =>
        {
            Assert.Equal(2, r.Ours.Count);
            Assert.All(r.Ours.Rates, rate => Assert.InRange(rate, 1, 1e7));
            Assert.InRange(r.LimitFraction, 1e-6, 10);
            Assert.Equal("good", r.BestPeer);
            Assert.Equal(r.Ours.Median / 100, r.Ratio);
        });
        Assert.Contains(comparison.Notes, n => n.Contains("slow did not end within", StringComparison.Ordinal));
        Assert.Contains(comparison.Notes, n => n.Contains("it fell over", StringComparison.Ordinal));
    }

    [Fact]
    public void Points_longer_than_the_model_can_take_are_refused_before_anything_is_measured()
    {
        ArgumentException error = Assert.Throws<ArgumentException>(
            () => OwnEngine.Load(SharedData.DemoModel, new ModelOptions { Threads = 1 }, PointList.Parse("decode:1:9000"), 1, default));
        Assert.Contains("9065 tokens", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_loop_decodes_past_end_tokens_and_a_prefix_hit_is_a_hit()
    {
        int computed = 0;
        SimulatedModelRunner runner = new(new SimulatedModelOptions(), step => Interlocked.Add(ref computed, step.TokenCount));
        await using EngineLoop engine = EngineLoop.Start(
            InstanceId.Of("bench", "cpu0"), 1, runner, new EngineLoopOptions(), TimeProvider.System, NullLogger.Instance);
        LoopBench bench = new(engine, TimeProvider.System, 1);
        Assert.InRange(await bench.DecodeAsync(4, 32, 300, default), 1, double.MaxValue);

        int before = Volatile.Read(ref computed);
        PrefixHit hit = await PrefixHit.MeasureAsync(bench, 320, 2, default);
        Assert.Equal((2, 2), (hit.Cold.Count, hit.Hit.Count));
        // Cold: 320 + 16 tokens; with a hit: the 16 own ones.
        Assert.Equal(2 * (336 + 16), Volatile.Read(ref computed) - before);
    }

    private sealed class FakeSide(string name, Func<CancellationToken, Task> work) : IBenchSide
    {
        public string Name => name;

        public string Details => "fake";

        public bool CanMeasure(BenchPoint point) => true;

        public Task<string> PrepareAsync(BenchPoint point, CancellationToken cancellationToken) => Task.FromResult("");

        public async Task<double> MeasureAsync(BenchPoint point, CancellationToken cancellationToken)
        {
            await work(cancellationToken).WaitAsync(cancellationToken);
            return 100;
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
