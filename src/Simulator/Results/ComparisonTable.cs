using System.Globalization;
using System.Text;

namespace XLLM.Simulator.Results;

/// <summary>A comparison as Markdown.</summary>
public static class ComparisonTable
{
    public static string Of(Comparison comparison)
    {
        CultureInfo culture = CultureInfo.InvariantCulture;
        StringBuilder text = new();
        text.Append(culture, $"- load: {comparison.Load}; {comparison.Scaling}; seed {comparison.Seed}\n");
        text.Append(culture, $"- device: {comparison.Device.Name}, {comparison.Device.Source}\n");
        text.Append(culture, $"- objectives: first token {comparison.TtftSeconds:0.###} s, between tokens {comparison.TpotSeconds:0.###} s; "
            + $"{comparison.ChunkTokens} prompt tokens a step beside decodes\n");
        text.Append(comparison.Attainment is { } share
            ? string.Create(culture, $"- rate: the highest with {share:0 %} of the requests in time; ratio: to {comparison.Baseline}\n\n")
            : $"- rate as asked for; ratio: to {comparison.Baseline}\n\n");
        text.Append("| instances | policy | rate, requests/s | ratio | in time | TTFT p50 / p90 / p99, s | TPOT p50 / p90 / p99, ms | busy | split |\n");
        text.Append("|---:|---|---:|---:|---:|---:|---:|---:|---:|\n");
        foreach (ComparisonRow row in comparison.Rows)
        {
            SimulationResult r = row.Result;
            double split = r.Mixed + r.Split > 0 ? (double)r.Split / (r.Mixed + r.Split) : 0;
            text.Append(culture, $"| {row.Instances} | {row.Policy} | {row.Rate:0.00} | {comparison.Ratio(row):0.00} | {r.Attainment:0.0 %} "
                + $"| {r.TtftP50:0.00} / {r.TtftP90:0.00} / {r.TtftP99:0.00} | {r.TpotP50 * 1000:0} / {r.TpotP90 * 1000:0} / {r.TpotP99 * 1000:0} "
                + $"| {r.Utilisation:0 %} | {split:0 %} |\n");
        }

        return text.ToString();
    }
}
