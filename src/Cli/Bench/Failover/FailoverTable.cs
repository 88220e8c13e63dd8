using System.Globalization;
using System.Text;
using XLLM.Cli.Bench.Serve;

namespace XLLM.Cli.Bench.Failover;

/// <summary>Results as Markdown: a row for each step.</summary>
internal static class FailoverTable
{
    public static string Of(IReadOnlyList<FailoverResult> results)
    {
        StringBuilder text = new();
        text.AppendLine("| # | step | runs | answers | went on elsewhere | planned anew | gap s: median, most | text compared |");
        text.AppendLine("|---:|---|---:|---|---:|---:|---:|---:|");
        foreach (IGrouping<FailoverStep, FailoverResult> step in results.GroupBy(r => r.Step))
        {
            string answers = string.Join(", ", step.GroupBy(r => r.Verdict).Select(v => $"{v.Count()} {v.Key.ToString().ToLowerInvariant()}"));
            Distribution gaps = Distribution.Of(step.Select(r => r.GapSeconds));
            text.AppendLine(
                CultureInfo.InvariantCulture,
                $"| {step.Key.Number} | {step.Key.Name} | {step.Count()} | {answers} | {step.Count(r => r.Moves.Recovered > 0)} "
                + $"| {step.Count(r => r.Moves.Replanned > 0)} | {gaps.Median:0.00}, {step.Max(r => r.GapSeconds):0.00} | {step.Sum(r => (long)r.Characters)} characters |");
        }

        foreach (FailoverResult failed in results.Where(r => r.Error is not null))
        {
            text.AppendLine($"step {failed.Step.Number}: {failed.Error}");
        }

        return text.ToString();
    }
}
