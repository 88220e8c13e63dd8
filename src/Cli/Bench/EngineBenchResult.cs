namespace XLLM.Cli.Bench;

/// <summary>One measured point, in tokens a second: the median of the rounds, the least and the most.</summary>
internal sealed record EngineBenchResult(string Name, int Streams, int Context, double Median, double Least, double Most)
{
    public static EngineBenchResult Of(string name, int streams, int context, IEnumerable<double> rounds)
    {
        double[] sorted = [.. rounds.Order()];
        return new EngineBenchResult(name, streams, context, sorted[sorted.Length / 2], sorted[0], sorted[^1]);
    }
}
