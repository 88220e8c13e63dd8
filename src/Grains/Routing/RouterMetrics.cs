using System.Diagnostics.Metrics;
using XLLM.Contracts.Fleet;
using XLLM.Contracts.Routing;
using XLLM.Grains.Telemetry;

namespace XLLM.Grains.Routing;

/// <summary>Instruments of a silo's router. Any thread.</summary>
internal sealed class RouterMetrics : IDisposable
{
    private readonly Meter _meter = new(RequestOutcomes.MeterName);
    private readonly Counter<long> _plans;

    /// <param name="view">The router's state, asked when the gauges are read.</param>
    public RouterMetrics(Func<RoutingView> view)
    {
        _plans = _meter.CreateCounter<long>(
            "xllm.router.plans", "{plan}", "Plans made, by policy and kind (mixed, split, refused).");
        _meter.CreateObservableGauge(
            "xllm.router.in_flight", () => view().InFlight, "{request}", "Requests sent and not known to have ended.");
        _meter.CreateObservableGauge(
            "xllm.router.pool",
            () => view().Instances.Where(i => i.Pool.Length > 0).Select(i => new Measurement<int>(
                1, new("instance", i.Instance.Value), new("pool", i.Pool))),
            "{instance}",
            "1 for the elastic pool each instance is in.");
    }

    public void Planned(string policy, RouteResult result) => _plans.Add(
        1,
        new KeyValuePair<string, object?>("policy", result.Plan?.Policy ?? policy),
        new KeyValuePair<string, object?>("kind", result.Plan is not { } plan ? "refused" : plan.IsMixed ? "mixed" : "split"));

    public void Dispose() => _meter.Dispose();
}
