using System.Diagnostics.Metrics;
using XLLM.Contracts.Ids;
using XLLM.Engine.Execution;
using XLLM.Engine.Loop;

namespace XLLM.Engine.Tests.Loop;

public sealed class GraphMetricsTests
{
    [Fact]
    public void Counters_grow_by_what_the_runner_has_counted_since_and_a_failed_step_adds_nothing()
    {
        var sums = new Dictionary<string, long>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, l) =>
        {
            if (instrument.Meter.Name == EngineMetrics.MeterName)
            {
                l.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) =>
        {
            Dictionary<string, object?> all = tags.ToArray().ToDictionary(t => t.Key, t => t.Value);
            if (Equals(all["instance"], "graph-metrics-test/0"))
            {
                string name = all.TryGetValue("mode", out object? mode) ? $"{instrument.Name} {mode}" : instrument.Name;
                sums[name] = sums.GetValueOrDefault(name) + value;
            }
        });
        listener.Start();

        var metrics = new EngineMetrics(InstanceId.Of("graph-metrics-test", "0"));
        metrics.GraphsCounted(new StepGraphCounts { Records = 2, FullSteps = 5, PiecewiseSteps = 1 });
        metrics.GraphsCounted(default);
        metrics.GraphsCounted(new StepGraphCounts { Records = 3, Evictions = 1, FullSteps = 9, PiecewiseSteps = 1, EagerSteps = 2 });

        Assert.Equal(3, sums["xllm.engine.graph_records"]);
        Assert.Equal(1, sums["xllm.engine.graph_evictions"]);
        Assert.Equal(9, sums["xllm.engine.graph_steps full"]);
        Assert.Equal(1, sums["xllm.engine.graph_steps piecewise"]);
        Assert.Equal(2, sums["xllm.engine.graph_steps eager"]);
    }
}
