using System.Globalization;
using System.Text;

namespace XLLM.Cli.Bench.Policies;

/// <summary>Results as Markdown.</summary>
internal static class PolicyTable
{
    public static string Of(IReadOnlyList<PolicyPoint> points)
    {
        StringBuilder text = new();
        text.AppendLine("| requests/s | case | both | TTFT in time | TPOT in time | TTFT mean, p90 ms | TPOT mean, p90 ms | failed |");
        text.AppendLine("|---:|---|---:|---:|---:|---:|---:|---:|");
        foreach (PolicyPoint point in points.OrderBy(p => p.Rate))
        {
            text.AppendLine(
                CultureInfo.InvariantCulture,
                $"| {point.Rate:0.##} | {point.Case} | {point.Attainment:P1} | {point.TtftAttainment:P1} | {point.TpotAttainment:P1} "
                + $"| {1000 * point.Report.Ttft.Mean:0}, {1000 * point.Report.Ttft.P90:0} "
                + $"| {1000 * point.Report.Tpot.Mean:0.0}, {1000 * point.Report.Tpot.P90:0.0} | {point.Report.FailedCount} |");
        }

        return text.ToString();
    }
}
