using System.Diagnostics.Metrics;
using XLLM.Contracts.Requests;

namespace XLLM.Grains.Telemetry;

/// <summary>The one place where outcomes are counted. A singleton of its silo.</summary>
public sealed class RequestOutcomes : IDisposable
{
    /// <summary>Name of the meter, for whoever listens.</summary>
    public const string MeterName = "XLLM.Grains";

    // Its own for each silo, so that several silos in one process can be told apart.
    private readonly Meter _meter = new(MeterName);
    private readonly Counter<long> _finished;
    private readonly Counter<long> _attempts;
    private readonly Counter<long> _recovered;
    private readonly Counter<long> _prefillsLost;
    private readonly Histogram<double> _recovery;

    public RequestOutcomes()
    {
        _finished = _meter.CreateCounter<long>(
            "xllm.requests.finished", "{request}", "Requests that ended, by outcome and model.");
        _attempts = _meter.CreateCounter<long>(
            "xllm.requests.replanned", "{attempt}", "Times a request was refused by an instance, or lost it before it started.");
        _recovered = _meter.CreateCounter<long>(
            "xllm.requests.recovered",
            "{request}",
            "Requests that went on elsewhere, by cause (Lost, Failed, Drained) and way (recompute, fetch); way none: in vain.");
        _recovery = _meter.CreateHistogram<double>(
            "xllm.requests.recovery.duration",
            "s",
            "From the moment a request's grain knew of a loss to its start elsewhere. The gap a client saw is the gateway's failover gap.");
        _prefillsLost = _meter.CreateCounter<long>(
            "xllm.requests.prefill_lost",
            "{request}",
            "Split plans whose prefill instance refused or could not be reached; the decode instance computes the prompt.");
    }

    internal Meter Meter => _meter;

    /// <summary>Counts the end of a request.</summary>
    public void Finished(RequestOutcome outcome, string model) => _finished.Add(
        1,
        new KeyValuePair<string, object?>("outcome", outcome.ToString()),
        new KeyValuePair<string, object?>("model", model));

    /// <summary>Counts a start that failed on one instance.</summary>
    public void Replanned(RequestOutcome reason) =>
        _attempts.Add(1, new KeyValuePair<string, object?>("reason", reason.ToString()));

    /// <summary>Counts a request that went on elsewhere after so long, or did not.</summary>
    internal void Recovered(RecoveryCause cause, string way, TimeSpan elapsed)
    {
        var tag = new KeyValuePair<string, object?>("cause", cause.ToString());
        _recovered.Add(1, tag, new KeyValuePair<string, object?>("way", way));
        _recovery.Record(elapsed.TotalSeconds, tag);
    }

    /// <summary>Counts a prefill that has to be done by the decode instance.</summary>
    internal void PrefillLost() => _prefillsLost.Add(1);

    public void Dispose() => _meter.Dispose();
}
