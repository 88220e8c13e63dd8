namespace XLLM.Cli.Bench.Serve;

/// <summary>
/// When requests are sent. Gaps are gamma-distributed with the mean 1 / rate: shape 1 is a Poisson process, less is burstier, more
/// is steadier (as in vLLM's bench).
/// </summary>
internal static class ArrivalTimes
{
    /// <param name="rate">Requests a second; infinite = all at once.</param>
    /// <param name="burstiness">Shape of the gaps, above 0.</param>
    /// <returns>Seconds after the start, ascending; the first is 0.</returns>
    public static double[] Make(int count, double rate, double burstiness, Random random)
    {
        double[] times = new double[count];
        if (double.IsInfinity(rate))
        {
            return times;
        }

        for (int i = 1; i < count; i++)
        {
            times[i] = times[i - 1] + (Gamma(burstiness, random) / (burstiness * rate));
        }

        return times;
    }

    // Marsaglia and Tsang 2000; a shape below 1 by that of shape + 1 times u^(1 / shape).
    private static double Gamma(double shape, Random random)
    {
        if (shape < 1)
        {
            return Gamma(shape + 1, random) * Math.Pow(1 - random.NextDouble(), 1 / shape);
        }

        double d = shape - (1.0 / 3);
        double c = 1 / Math.Sqrt(9 * d);
        while (true)
        {
            double x = Normal(random);
            double v = 1 + (c * x);
            v *= v * v;
            if (v > 0 && Math.Log(1 - random.NextDouble()) < (0.5 * x * x) + d - (d * v) + (d * Math.Log(v)))
            {
                return d * v;
            }
        }
    }

    private static double Normal(Random random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
