namespace XLLM.Gateway.Telemetry;

/// <summary>One instrument's values under one set of tags. Any thread.</summary>
internal sealed class MeterSeries
{
    private readonly KeyValuePair<string, object?>[] _tags;
    private double _value;

    public MeterSeries(ReadOnlySpan<KeyValuePair<string, object?>> tags, Histogram? histogram)
    {
        _tags = tags.ToArray();
        Histogram = histogram;
        string[] labels = new string[2 * _tags.Length];
        for (int i = 0; i < _tags.Length; i++)
        {
            labels[2 * i] = MetricNames.Label(_tags[i].Key);
            labels[(2 * i) + 1] = Convert.ToString(_tags[i].Value, System.Globalization.CultureInfo.InvariantCulture) ?? "";
        }

        Labels = labels;
    }

    /// <summary>Names and values in turn.</summary>
    public IReadOnlyList<string> Labels { get; }

    /// <summary>Null for counters and gauges.</summary>
    public Histogram? Histogram { get; }

    public double Value => Volatile.Read(ref _value);

    public bool Has(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        if (tags.Length != _tags.Length)
        {
            return false;
        }

        for (int i = 0; i < tags.Length; i++)
        {
            if (!string.Equals(tags[i].Key, _tags[i].Key, StringComparison.Ordinal) || !Equals(tags[i].Value, _tags[i].Value))
            {
                return false;
            }
        }

        return true;
    }

    public void Set(double value) => Volatile.Write(ref _value, value);

    public void Add(double value)
    {
        double seen = Value;
        while (true)
        {
            double before = Interlocked.CompareExchange(ref _value, seen + value, seen);
            if (before.Equals(seen))
            {
                return;
            }

            seen = before;
        }
    }
}
