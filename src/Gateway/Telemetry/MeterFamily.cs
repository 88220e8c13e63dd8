using System.Collections.Immutable;
using System.Diagnostics.Metrics;

namespace XLLM.Gateway.Telemetry;

/// <summary>One instrument's series. Any thread; a known set of tags costs no lock and no memory.</summary>
internal sealed class MeterFamily
{
    // Tags come from our own rooms; a bug there must not fill the memory.
    private const int MaxSeries = 2048;

    private readonly Lock _gate = new();
    private readonly ImmutableArray<double> _bounds;
    private MeterSeries[] _series = [];

    public MeterFamily(Instrument instrument)
    {
        Type type = instrument.GetType().GetGenericTypeDefinition();
        bool observed = instrument.IsObservable;
        bool counter = type == typeof(Counter<>) || type == typeof(ObservableCounter<>);
        IsHistogram = type == typeof(Histogram<>);
        // An observed instrument reports its value, a plain counter its growth.
        Adds = !observed && (counter || type == typeof(UpDownCounter<>));
        Kind = IsHistogram ? "histogram" : counter ? "counter" : "gauge";
        Name = MetricNames.Metric(instrument.Name, instrument.Unit, counter);
        Help = string.IsNullOrWhiteSpace(instrument.Description) ? instrument.Name : instrument.Description.ReplaceLineEndings(" ");
        _bounds = IsHistogram ? BoundsOf(instrument) : [];
    }

    public string Name { get; }

    public string Help { get; }

    /// <summary>Prometheus' type.</summary>
    public string Kind { get; }

    public bool IsHistogram { get; }

    /// <summary>Measurements are added up; else the last one counts.</summary>
    public bool Adds { get; }

    public IReadOnlyList<MeterSeries> Series => Volatile.Read(ref _series);

    public void Record(double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        if (Of(tags) is not { } series)
        {
            return;
        }

        if (series.Histogram is { } histogram)
        {
            histogram.Observe(value);
        }
        else if (Adds)
        {
            series.Add(value);
        }
        else
        {
            series.Set(value);
        }
    }

    private MeterSeries? Of(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        MeterSeries[] known = Volatile.Read(ref _series);
        if (Find(known, tags) is { } series)
        {
            return series;
        }

        lock (_gate)
        {
            if (Find(_series, tags) is { } other)
            {
                return other;
            }

            if (_series.Length >= MaxSeries)
            {
                return null;
            }

            var added = new MeterSeries(tags, IsHistogram ? new Histogram(_bounds) : null);
            Volatile.Write(ref _series, [.. _series, added]);
            return added;
        }
    }

    private static MeterSeries? Find(MeterSeries[] among, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        foreach (MeterSeries series in among)
        {
            if (series.Has(tags))
            {
                return series;
            }
        }

        return null;
    }

    private static ImmutableArray<double> BoundsOf(Instrument instrument)
    {
        IReadOnlyList<double>? advised = instrument switch
        {
            Histogram<double> x => x.Advice?.HistogramBucketBoundaries,
            Histogram<int> x => x.Advice?.HistogramBucketBoundaries?.Select(b => (double)b).ToArray(),
            Histogram<long> x => x.Advice?.HistogramBucketBoundaries?.Select(b => (double)b).ToArray(),
            _ => null,
        };
        return advised is { Count: > 0 } ? [.. advised] : instrument.Unit == "s" ? Buckets.Seconds : Buckets.Tokens;
    }
}
