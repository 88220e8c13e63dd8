namespace XLLM.Verification;

/// <summary>Mean and quantiles of times in microseconds.</summary>
public sealed record TimeSpread(double Mean, double P50, double P90, double P99, double P999, double Max)
{
    public static TimeSpread Of(List<double> times)
    {
        if (times.Count == 0)
        {
            return new TimeSpread(0, 0, 0, 0, 0, 0);
        }

        double[] sorted = [.. times];
        Array.Sort(sorted);
        double At(double q) => sorted[Math.Clamp((int)Math.Ceiling(q * sorted.Length) - 1, 0, sorted.Length - 1)];
        return new TimeSpread(sorted.Average(), At(0.5), At(0.9), At(0.99), At(0.999), sorted[^1]);
    }

    public override string ToString() => string.Create(
        System.Globalization.CultureInfo.InvariantCulture,
        $"mean {Mean:0.0} p50 {P50:0.0} p90 {P90:0.0} p99 {P99:0.0} p99.9 {P999:0.0} max {Max:0.0} us");
}
