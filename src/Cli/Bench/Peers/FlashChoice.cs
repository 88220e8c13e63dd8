using System.Diagnostics;
using System.Globalization;
using XLLM.Cli.Bench.Points;

namespace XLLM.Cli.Bench.Peers;

/// <summary>
/// Whether a peer runs a point with flash attention: both are tried once, the faster is kept. Where a try takes long, points of the
/// same kind and context with more streams take over the choice.
/// </summary>
internal sealed class FlashChoice
{
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(20);

    private readonly Dictionary<BenchPoint, bool> _chosen = [];
    private (PointKind Kind, int Context, bool On)? _kept;

    public bool Of(BenchPoint point) => _chosen[point];

    /// <summary>Returns what was tried, as text.</summary>
    public async Task<string> TryAsync(BenchPoint point, Func<bool, Task<double>> measure)
    {
        if (_chosen.ContainsKey(point))
        {
            return "";
        }

        if (_kept is { } kept && kept.Kind == point.Kind && kept.Context == point.Context)
        {
            _chosen[point] = kept.On;
            return $"flash attention {Text(kept.On)}, as with fewer streams";
        }

        long started = Stopwatch.GetTimestamp();
        double off = await measure(false);
        double on = await measure(true);
        _chosen[point] = on >= off;
        if (Stopwatch.GetElapsedTime(started) > 2 * Long)
        {
            _kept = (point.Kind, point.Context, on >= off);
        }

        return string.Create(
            CultureInfo.InvariantCulture, $"flash attention {Text(on >= off)} ({on:0.0} tokens/s with it, {off:0.0} without)");
    }

    private static string Text(bool on) => on ? "on" : "off";
}
