using System.Globalization;
using System.Text;
using XLLM.Cli.Bench.Serve;

namespace XLLM.Cli.Bench.Policies;

/// <summary>Results as Markdown.</summary>
internal static class PolicyTable
{
    public static string Of(IReadOnlyList<PolicyPoint> points)
    {
        StringBuilder text = new();
        text.AppendLine("| requests/s | case | both | rounds | TTFT in time | TPOT in time | in time/s | TTFT p50 / p90 / p99, ms "
            + "| TPOT p50 / p90 / p99, ms | split | TTFT off by | failed |");
        text.AppendLine("|---:|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|");
        foreach (PolicyPoint point in points.OrderBy(p => p.Rate))
        {
            text.AppendLine(
                CultureInfo.InvariantCulture,
                $"| {point.Rate:0.##} | {point.Case} | {point.Attainment:P1} | {Range(point.Rounds)} | {point.TtftAttainment:P1} "
                + $"| {point.TpotAttainment:P1} | {point.Goodput:0.00} | {Milliseconds(point.Report.Ttft, "0")} "
                + $"| {Milliseconds(point.Report.Tpot, "0.0")} | {point.Router.SplitShare:P0} "
                + $"| {(double.IsNaN(point.Router.TtftError) ? "-" : point.Router.TtftError.ToString("P0", CultureInfo.InvariantCulture))} "
                + $"| {point.Report.FailedCount} |");
        }

        return text.ToString();
    }

    /// <summary>Which rules made the plans, for policies that say so; empty when none does.</summary>
    public static string Reasons(IReadOnlyList<PolicyPoint> points)
    {
        StringBuilder text = new();
        foreach (PolicyPoint point in points.Where(p => p.Router.Reasons.Count > 0).OrderBy(p => p.Rate))
        {
            string plans = string.Join("; ", point.Router.Reasons.OrderByDescending(r => r.Value).Select(r => Count(r.Key, r.Value)));
            string moves = string.Join("; ", point.Router.Moves.OrderByDescending(m => m.Value).Select(m => Count(m.Key, m.Value)));
            text.AppendLine(
                CultureInfo.InvariantCulture,
                $"- {point.Case} at {point.Rate:0.##}/s: {plans}{(moves.Length > 0 ? "; moves: " + moves : "")}");
        }

        return text.Length == 0 ? "" : $"Plans by rule (docs/mechanisms/dynamic-pd.md):\n\n{text}";
    }

    private static string Count(string name, double count) => string.Create(CultureInfo.InvariantCulture, $"{name} {count:0}");

    private static string Range(IReadOnlyList<double> rounds) => rounds.Count < 2
        ? "1"
        : string.Create(CultureInfo.InvariantCulture, $"{rounds.Count}: {rounds.Min():P0} .. {rounds.Max():P0}");

    private static string Milliseconds(Distribution times, string format) => string.Join(
        " / ",
        new[] { times.Median, times.P90, times.P99 }
            .Select(t => double.IsNaN(t) ? "-" : (1000 * t).ToString(format, CultureInfo.InvariantCulture)));
}
