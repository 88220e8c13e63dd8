namespace XLLM.Cli.Bench.Serve;

/// <summary>
/// vLLM's dataset <c>random</c>: lengths uniform in [length x (1 - ratio), length x (1 + ratio)], after a prefix that all share.
/// </summary>
internal sealed record RandomDataset(int InputLength, int OutputLength, double RangeRatio, int PrefixLength)
{
    public IReadOnlyList<ServeRequest> Make(double[] arrivals, Random random)
    {
        int[] prefix = RandomTokens.Make(PrefixLength, random);
        return [.. arrivals.Select(a => new ServeRequest(
            a, [.. prefix, .. RandomTokens.Make(Length(InputLength, random), random)], Length(OutputLength, random)))];
    }

    private int Length(int mean, Random random)
    {
        int least = Math.Max(1, (int)Math.Floor(mean * (1 - RangeRatio)));
        int most = Math.Max(least, (int)Math.Ceiling(mean * (1 + RangeRatio)));
        return random.Next(least, most + 1);
    }
}
