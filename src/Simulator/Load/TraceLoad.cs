namespace XLLM.Simulator.Load;

/// <summary>
/// A trace at another rate. For more instances the trace is laid over itself: each request comes <c>copies</c> times, at moments
/// up to half a second (of the trace's own time) apart, so that bursts stay bursts and grow with the fleet. Then time is scaled so
/// that the mean rate is the wanted one. Nothing is thinned out and no length is changed.
/// </summary>
public sealed class TraceLoad
{
    private const double Jitter = 0.5;

    private readonly SimArrival[] _trace;
    private readonly double _span;

    /// <param name="trace">The trace, ordered by time; requests without prompt or answer count as of one token.</param>
    /// <param name="copies">How often each request comes, >= 1.</param>
    /// <param name="seed">Of the copies' moments.</param>
    /// <param name="most">Most requests of the trace that are taken, from its start; 0 = all.</param>
    /// <exception cref="ArgumentException">Fewer than two moments.</exception>
    public TraceLoad(IEnumerable<SimArrival> trace, int copies, int seed, int most = 0)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(copies, 1);
        SimArrival[] original = [.. most > 0 ? trace.Take(most) : trace];
        Random chance = new(seed);
        _trace =
        [
            .. original.SelectMany(a => Enumerable.Range(0, copies).Select(c => a with
            {
                Seconds = a.Seconds + (c == 0 ? 0 : chance.NextDouble() * Jitter),
                PromptTokens = Math.Max(1, a.PromptTokens),
                OutputTokens = Math.Max(1, a.OutputTokens),
            })).OrderBy(a => a.Seconds),
        ];
        _span = _trace.Length > 0 ? _trace[^1].Seconds - _trace[0].Seconds : 0;
        if (!(_span > 0))
        {
            throw new ArgumentException("The trace needs requests at two moments at least.", nameof(trace));
        }
    }

    /// <summary>Requests of the load.</summary>
    public int Count => _trace.Length;

    /// <summary>Requests a second of the trace as it is, copies included.</summary>
    public double Rate => _trace.Length / _span;

    /// <summary>The load at <paramref name="rate"/> requests a second on average, > 0; the first comes at 0.</summary>
    public SimArrival[] At(double rate)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(rate);
        double factor = Rate / rate;
        double first = _trace[0].Seconds;
        return [.. _trace.Select(a => a with { Seconds = (a.Seconds - first) * factor })];
    }
}
