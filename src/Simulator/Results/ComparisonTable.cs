using System.Globalization;
using System.Text;

namespace XLLM.Simulator.Results;

/// <summary>A comparison as Markdown.</summary>
public static class ComparisonTable
{
    public static string Of(Comparison comparison)
    {
        StringBuilder text = new();
        Line(text, $"- load: {comparison.Load}; {comparison.Scaling}; seed {comparison.Seed}");
        Line(text, $"- device: {comparison.Device.Name}, {comparison.Device.Source}");
        Line(text, $"- objectives: first token {comparison.TtftSeconds:0.###} s, between tokens {comparison.TpotSeconds:0.###} s; "
            + $"{comparison.ChunkTokens} prompt tokens a step beside decodes");
        Line(text, comparison.Attainment is { } share
            ? $"- rate: the highest with {share:0.##} of the requests in time; ratio: to {comparison.Baseline}"
            : $"- rate as asked for; ratio: to {comparison.Baseline}");
        Line(text, $"");
        Line(text, $"| instances | policy | rate, requests/s | ratio | in time | TTFT p50 / p90 / p99, s | TPOT p50 / p90 / p99, ms | busy | split plans |");
        Line(text, $"|---:|---|---:|---:|---:|---:|---:|---:|---:|");
        foreach (ComparisonRow row in comparison.Rows)
        {
            SimulationResult r = row.Result;
            double split = r.Mixed + r.Split > 0 ? (double)r.Split / (r.Mixed + r.Split) : 0;
            Line(text, $"| {row.Instances} | {row.Policy} | {row.Rate:0.00} | {comparison.Ratio(row):0.00} | {r.Attainment:0.0 %} "
                + $"| {r.TtftP50:0.00} / {r.TtftP90:0.00} / {r.TtftP99:0.00} | {r.TpotP50 * 1000:0} / {r.TpotP90 * 1000:0} / {r.TpotP99 * 1000:0} "
                + $"| {r.Utilisation:0 %} | {split:0 %} |");
        }

        return text.ToString();
    }

    private static void Line(StringBuilder text, FormattableString line) =>
        text.Append(line.ToString(CultureInfo.InvariantCulture)).Append('\n');
}
