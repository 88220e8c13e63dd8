namespace XLLM.Cli.Bench.Points;

/// <summary>Measured rates of one side at one point, in tokens a second, in the order of the rounds.</summary>
internal sealed class Samples
{
    private readonly List<double> _rates = [];

    public IReadOnlyList<double> Rates => _rates;

    public int Count => _rates.Count;

    /// <summary>Of an even number, the mean of the middle two. NaN when there is none.</summary>
    public double Median => MedianOf(_rates);

    public double Least => _rates.Count == 0 ? double.NaN : _rates.Min();

    public double Most => _rates.Count == 0 ? double.NaN : _rates.Max();

    /// <summary>Half of what lies between least and most, as a share of the median.</summary>
    public double Spread => (Most - Least) / 2 / Median;

    public static double MedianOf(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        int middle = sorted.Length / 2;
        return sorted.Length == 0 ? double.NaN : sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    public void Add(double rate) => _rates.Add(rate);
}
