using System.Diagnostics.Metrics;

namespace XLLM.Cli.Bench.Streams;

/// <summary>Collects what one of the engine's histograms of seconds is told, while it exists.</summary>
internal sealed class HistogramProbe : IDisposable
{
    public const string Gap = "xllm.engine.step_gap";

    public const string Step = "xllm.engine.step_duration";

    public const string Sampling = "xllm.engine.sample_duration";

    private readonly MeterListener _listener = new();
    private readonly Lock _lock = new();
    private readonly List<double> _seconds = new(65_536);

    private readonly string _label;

    /// <param name="histogram">Name of the instrument.</param>
    /// <param name="label">What <see cref="Describe"/> calls it.</param>
    public HistogramProbe(string histogram = Gap, string label = "gap between steps")
    {
        _label = label;
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == "XLLM.Engine" && instrument.Name == histogram)
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<double>((_, seconds, _, _) =>
        {
            lock (_lock)
            {
                _seconds.Add(seconds);
            }
        });
        _listener.Start();
    }

    /// <summary>Forgets what was collected.</summary>
    public void Clear()
    {
        lock (_lock)
        {
            _seconds.Clear();
        }
    }

    /// <summary>e.g. <c>gap between steps: mean 12.3 us, p50 10.1 us, p99 40.2 us (1,234 seen)</c>.</summary>
    public string Describe()
    {
        lock (_lock)
        {
            if (_seconds.Count == 0)
            {
                return $"{_label}: none seen";
            }

            double[] sorted = [.. _seconds.Order()];
            double At(double share) => sorted[(int)(share * (sorted.Length - 1))] * 1e6;
            return FormattableString.Invariant(
                $"{_label}: mean {sorted.Average() * 1e6:0.0} us, p50 {At(0.5):0.0} us, p99 {At(0.99):0.0} us ({sorted.Length} seen)");
        }
    }

    /// <summary>The median of what was seen, in seconds; 0 when nothing was.</summary>
    public double Median()
    {
        lock (_lock)
        {
            return _seconds.Count == 0 ? 0 : _seconds.Order().ElementAt(_seconds.Count / 2);
        }
    }

    public void Dispose() => _listener.Dispose();
}
