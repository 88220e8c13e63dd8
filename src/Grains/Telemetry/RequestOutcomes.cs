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

    public RequestOutcomes()
    {
        _finished = _meter.CreateCounter<long>(
            "xllm.requests.finished", "{request}", "Requests that ended, by outcome and model.");
        _attempts = _meter.CreateCounter<long>(
            "xllm.requests.replanned", "{attempt}", "Times a request was refused by an instance, or lost it before it started.");
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

    public void Dispose() => _meter.Dispose();
}
