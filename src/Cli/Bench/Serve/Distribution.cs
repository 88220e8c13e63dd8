namespace XLLM.Cli.Bench.Serve;

/// <summary>Mean and percentiles of times; in the unit of what it was made from. NaN throughout when there are none.</summary>
internal sealed record Distribution(double Mean, double Median, double Deviation, double P90, double P99)
{
    /// <summary>NaNs are left out. Percentiles lie between neighbours in proportion.</summary>
    public static Distribution Of(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Where(v => !double.IsNaN(v)).Order()];
        if (sorted.Length == 0)
        {
            return new Distribution(double.NaN, double.NaN, double.NaN, double.NaN, double.NaN);
        }

        double mean = sorted.Average();
        double deviation = Math.Sqrt(sorted.Average(v => (v - mean) * (v - mean)));
        return new Distribution(mean, Percentile(sorted, 50), deviation, Percentile(sorted, 90), Percentile(sorted, 99));
    }

    private static double Percentile(double[] sorted, double percent)
    {
        double at = (sorted.Length - 1) * percent / 100;
        int below = (int)at;
        return below + 1 < sorted.Length ? sorted[below] + ((at - below) * (sorted[below + 1] - sorted[below])) : sorted[below];
    }
}
