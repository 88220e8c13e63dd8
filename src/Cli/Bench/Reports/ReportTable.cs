using System.Globalization;
using System.Text;
using XLLM.Cli.Bench.Points;

namespace XLLM.Cli.Bench.Reports;

/// <summary>The table of a run: for the terminal aligned, for a file as Markdown.</summary>
internal static class ReportTable
{
    public static string Plain(BenchReport report)
    {
        List<string[]> rows = [Header(report), .. report.Results.Select(r => Row(report, r))];
        int[] widths = [.. Enumerable.Range(0, rows[0].Length).Select(c => rows.Max(r => r[c].Length))];
        StringBuilder text = new();
        foreach (string[] row in rows)
        {
            text.AppendLine(string.Join("  ", row.Select((cell, c) => c == 0 ? cell.PadRight(widths[c]) : cell.PadLeft(widths[c]))).TrimEnd());
        }

        return text.ToString();
    }

    public static string Markdown(BenchReport report)
    {
        string[] header = Header(report);
        StringBuilder text = new();
        text.AppendLine($"| {string.Join(" | ", header)} |");
        text.AppendLine($"|{string.Concat(header.Select((_, c) => c == 0 ? "---|" : "---:|"))}");
        foreach (PointResult result in report.Results)
        {
            text.AppendLine($"| {string.Join(" | ", Row(report, result))} |");
        }

        return text.ToString();
    }

    /// <summary>Machine, limits and sides, a line each.</summary>
    public static IEnumerable<string> Facts(BenchReport report)
    {
        yield return $"{report.Model}, commit {report.Commit}, {Number(report.Rounds)} rounds";
        yield return report.Machine.ToString();
        yield return string.Create(
            CultureInfo.InvariantCulture,
            $"limits: {report.Limits.BytesPerSecond / 1e9:0.0} GB/s read, {report.Limits.Int8PerSecond / 1e9:0} GOPS int8, {report.Limits.Fp32PerSecond / 1e9:0} GFLOPS float32");
        foreach ((string name, string details) in report.Sides)
        {
            yield return $"{name}: {details}";
        }

        foreach (string note in report.Notes)
        {
            yield return note;
        }
    }

    private static string[] Header(BenchReport report) =>
        ["point", "streams", "context", "xllm tokens/s", .. PeersOf(report).Select(p => p + " tokens/s"), "ratio", "of the limit"];

    private static IEnumerable<string> PeersOf(BenchReport report) => report.Sides.Keys.Skip(1);

    private static string[] Row(BenchReport report, PointResult result) =>
    [
        result.Point.Name,
        Number(result.Point.Streams),
        Number(result.Point.Context),
        Cell(result.Ours, report.Rounds),
        .. PeersOf(report).Select(p => Cell(result.Peers.GetValueOrDefault(p), report.Rounds)),
        result.Ratio is { } ratio ? ratio.ToString("0.00", CultureInfo.InvariantCulture) : "-",
        result.LimitFraction.ToString("0 %", CultureInfo.InvariantCulture),
    ];

    // Fewer rounds than were asked for are said.
    private static string Cell(Samples? samples, int rounds)
    {
        if (samples is not { Count: > 0 })
        {
            return "-";
        }

        string few = samples.Count < rounds ? $", {samples.Count} of {rounds}" : "";
        return string.Create(CultureInfo.InvariantCulture, $"{samples.Median:0.0} (±{samples.Spread * 100:0} %{few})");
    }

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);
}
