using System.Diagnostics.Metrics;
using XLLM.Contracts.Fleet;
using XLLM.Contracts.Routing;
using XLLM.Grains.Telemetry;
using XLLM.Scheduling.Routing;

namespace XLLM.Grains.Routing;

/// <summary>Instruments of a silo's router. Any thread.</summary>
internal sealed class RouterMetrics : IDisposable
{
    private readonly Meter _meter = new(RequestOutcomes.MeterName);
    private readonly Counter<long> _plans;
    private readonly Counter<long> _reasons;
    private readonly Histogram<double> _expected;

    /// <param name="view">The router's state, asked when the gauges are read.</param>
    /// <param name="moves">Moves between pools by rule, asked likewise.</param>
    public RouterMetrics(Func<RoutingView> view, Func<IReadOnlyDictionary<string, long>> moves)
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
        _reasons = _meter.CreateCounter<long>(
            "xllm.router.reasons", "{plan}", "Plans by the rules that placed the prompt and the answer; see docs/mechanisms/dynamic-pd.md.");
        _expected = _meter.CreateHistogram<double>(
            "xllm.router.expected_ttft", "s", "Time to the first token that plans expected, where the policy predicts.");
        _meter.CreateObservableCounter(
            "xllm.router.pool_moves",
            () => moves().Select(m => new Measurement<long>(m.Value, new KeyValuePair<string, object?>("rule", m.Key))),
            "{move}",
            "Moves between elastic pools, by rule.");
        _meter.CreateObservableGauge(
            "xllm.router.ttft_error",
            () => Known([new Measurement<double>(view().TtftError)]),
            "1",
            "Mean of |expected - measured| / measured over recent first tokens, from plan to token.");
        _meter.CreateObservableGauge(
            "xllm.router.predictor_error",
            () => Known(view().Instances.SelectMany(
                i => new[] { Of(i, "prefill", i.PrefillError), Of(i, "decode", i.DecodeError) })),
            "1",
            "Mean of |predicted - measured| / measured over recent steps of an instance, each judged before it was learnt.");
        _meter.CreateObservableGauge(
            "xllm.router.predictor_samples",
            () => view().Instances.SelectMany(
                i => new[] { Of(i, "prefill", i.PrefillSamples), Of(i, "decode", i.DecodeSamples) }),
            "{sample}",
            "Samples an instance's predictors are fitted to, those of its start-up profile among them.");
        _meter.CreateObservableGauge(
            "xllm.router.prompt_share",
            () => Known(view().Instances.Select(i => new Measurement<double>(
                i.PromptShare, new KeyValuePair<string, object?>("instance", i.Instance.Value)))),
            "1",
            "Share of an instance's time that prompts take.");
    }

    public void Planned(string policy, RouteResult result)
    {
        string name = result.Plan?.Policy ?? policy;
        _plans.Add(
            1,
            new KeyValuePair<string, object?>("policy", name),
            new KeyValuePair<string, object?>("kind", result.Plan is not { } plan ? "refused" : plan.IsMixed ? "mixed" : "split"));
        if (result.Plan is { Policy: SloAwarePlanner.Name } reasoned)
        {
            // The words before the colon are of a few rules; what follows are this plan's figures.
            _reasons.Add(1, new KeyValuePair<string, object?>("reason", reasoned.Reason.Split(':')[0]));
            _expected.Record(reasoned.ExpectedTtftSeconds);
        }
    }

    public void Dispose() => _meter.Dispose();

    private static Measurement<double> Of(InstanceAdvice advice, string predictor, double value) =>
        new(value, new("instance", advice.Instance.Value), new("predictor", predictor));

    private static IEnumerable<Measurement<double>> Known(IEnumerable<Measurement<double>> all) => all.Where(m => double.IsFinite(m.Value));
}
