using System.Collections.Immutable;

namespace XLLM.Gateway.Telemetry;

/// <summary>Counts of observations by size. Any thread; observing takes no lock and no memory.</summary>
internal sealed class Histogram
{
    private readonly double[] _bounds;
    private readonly long[] _counts;
    private double _sum;

    /// <param name="bounds">Upper bounds of the buckets, inclusive, ascending; one more bucket takes what is above.</param>
    public Histogram(ImmutableArray<double> bounds)
    {
        _bounds = [.. bounds];
        _counts = new long[bounds.Length + 1];
    }

    public IReadOnlyList<double> Bounds => _bounds;

    public double Sum => Volatile.Read(ref _sum);

    /// <summary>Observations in the bucket alone, not in those below.</summary>
    public long CountOf(int bucket) => Interlocked.Read(ref _counts[bucket]);

    /// <summary>Counts a finite value; others are ignored.</summary>
    public void Observe(double value)
    {
        if (!double.IsFinite(value))
        {
            return;
        }

        int bucket = Array.BinarySearch(_bounds, value);
        Interlocked.Increment(ref _counts[bucket < 0 ? ~bucket : bucket]);
        double seen = Volatile.Read(ref _sum);
        while (true)
        {
            double before = Interlocked.CompareExchange(ref _sum, seen + value, seen);
            if (before.Equals(seen))
            {
                return;
            }

            seen = before;
        }
    }
}
