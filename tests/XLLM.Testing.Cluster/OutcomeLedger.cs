using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using XLLM.Contracts.Requests;
using XLLM.Grains.Telemetry;

namespace XLLM.Testing.Cluster;

/// <summary>Outcomes that the silos of one cluster counted.</summary>
public sealed class OutcomeLedger : IDisposable
{
    private readonly MeterListener _listener = new();
    private readonly ConcurrentDictionary<Meter, bool> _meters = new();
    private readonly ConcurrentDictionary<RequestOutcome, long> _counts = new();

    internal OutcomeLedger()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (_meters.ContainsKey(instrument.Meter) && instrument.Name == "xllm.requests.finished")
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((_, value, tags, _) =>
        {
            foreach (KeyValuePair<string, object?> tag in tags)
            {
                if (tag.Key == "outcome")
                {
                    _counts.AddOrUpdate(Enum.Parse<RequestOutcome>((string)tag.Value!), value, (_, known) => known + value);
                }
            }
        });
    }

    /// <summary>How many requests ended so.</summary>
    public long this[RequestOutcome outcome] => _counts.GetValueOrDefault(outcome);

    /// <summary>How many ended at all.</summary>
    public long Total => _counts.Values.Sum();

    public void Dispose() => _listener.Dispose();

    internal void Watch(IEnumerable<RequestOutcomes> silos)
    {
        foreach (RequestOutcomes silo in silos)
        {
            _meters[silo.Meter] = true;
        }

        _listener.Start();
    }
}
