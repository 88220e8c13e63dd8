namespace XLLM.Cli.Bench.Serve;

/// <summary>
/// How a request went. Times in seconds: <c>Ttft</c> from sending to the first piece of output, <c>Gaps</c> between later pieces,
/// <c>Total</c> to the end. <c>Error</c> is null for a success.
/// </summary>
internal sealed record RequestRecord(double Ttft, IReadOnlyList<double> Gaps, double Total, int InputTokens, int OutputTokens, string? Error)
{
    /// <summary>Mean time of an output token after the first; NaN for one token.</summary>
    public double Tpot => OutputTokens > 1 ? (Total - Ttft) / (OutputTokens - 1) : double.NaN;

    public static RequestRecord Failed(string error) => new(double.NaN, [], double.NaN, 0, 0, error);
}
