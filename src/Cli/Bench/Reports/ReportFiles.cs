namespace XLLM.Cli.Bench.Reports;

/// <summary>Writes a run to a folder: JSON, Markdown and the chart.</summary>
internal static class ReportFiles
{
    /// <summary>bench/results of the source tree, else of the current folder.</summary>
    public static string DefaultFolder() => Path.Combine(SourceTree.Root() ?? Directory.GetCurrentDirectory(), "bench", "results");

    /// <summary>Returns the Markdown file's path. Files of the same commit and day are replaced.</summary>
    public static async Task<string> WriteAsync(BenchReport report, string folder, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(folder);
        string stem = Path.Combine(folder, report.FileName);
        await File.WriteAllTextAsync(stem + ".json", ReportJson.Of(report), cancellationToken);
        await File.WriteAllTextAsync(stem + ".svg", ReportChart.Of(report), cancellationToken);
        string facts = string.Join("\n", ReportTable.Facts(report).Select(f => "- " + f));
        await File.WriteAllTextAsync(
            stem + ".md",
            $"# {report.Model}, {report.Day}\n\n{facts}\n\nMedians of the rounds; ± is half of what lies between the least and the most.\n\n"
            + $"{ReportTable.Markdown(report)}\n![shares of the limit]({report.FileName}.svg)\n",
            cancellationToken);
        return stem + ".md";
    }
}
