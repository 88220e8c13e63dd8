using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace XLLM.Gateway.Telemetry;

/// <summary>
/// Listens to every meter whose name begins with <c>XLLM.</c>, so that an instrument of any room appears under /metrics by
/// itself. A singleton; any thread.
/// </summary>
internal sealed class MeterCollector : IDisposable
{
    private readonly MeterListener _listener = new();
    private readonly ConcurrentDictionary<Instrument, MeterFamily> _instruments = new();

    public MeterCollector()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name.StartsWith("XLLM.", StringComparison.Ordinal))
            {
                listener.EnableMeasurementEvents(instrument, _instruments.GetOrAdd(instrument, x => new MeterFamily(x)));
            }
        };
        _listener.MeasurementsCompleted = (instrument, _) => _instruments.TryRemove(instrument, out MeterFamily? _);
        _listener.SetMeasurementEventCallback<double>((_, value, tags, state) => ((MeterFamily)state!).Record(value, tags));
        _listener.SetMeasurementEventCallback<float>((_, value, tags, state) => ((MeterFamily)state!).Record(value, tags));
        _listener.SetMeasurementEventCallback<long>((_, value, tags, state) => ((MeterFamily)state!).Record(value, tags));
        _listener.SetMeasurementEventCallback<int>((_, value, tags, state) => ((MeterFamily)state!).Record(value, tags));
        _listener.Start();
    }

    /// <summary>Writes what was measured; instruments that nobody has used yet are left out.</summary>
    public void Write(PrometheusText page)
    {
        _listener.RecordObservableInstruments();
        foreach (IGrouping<string, MeterFamily> families in _instruments.Values
            .Where(x => x.Series.Count > 0).GroupBy(x => x.Name).OrderBy(x => x.Key, StringComparer.Ordinal))
        {
            MeterFamily first = families.First();
            page.Family(first.Name, first.Kind, first.Help);
            // Several meters of one name are several silos in one process; their samples must not repeat.
            foreach (IGrouping<string, MeterSeries> same in families.Where(x => x.Kind == first.Kind)
                .SelectMany(x => x.Series).GroupBy(x => string.Join('\n', x.Labels)))
            {
                Write(page, first, [.. same]);
            }
        }
    }

    public void Dispose() => _listener.Dispose();

    private static void Write(PrometheusText page, MeterFamily family, MeterSeries[] same)
    {
        string[] labels = [.. same[0].Labels];
        if (family.IsHistogram)
        {
            page.Histogram(family.Name, [.. same.Select(x => x.Histogram!)], labels);
        }
        else
        {
            page.Sample(family.Name, family.Kind == "counter" ? same.Sum(x => x.Value) : same[^1].Value, labels);
        }
    }
}
