using System.Globalization;
using XLLM.Cli.Bench.Limits;

namespace XLLM.Cli.Bench.Reports;

/// <summary>A whole run of <c>bench engine</c>. <c>Sides</c> has the details of every side by name; <c>Notes</c> what they chose.</summary>
internal sealed record BenchReport(
    string Model,
    string Commit,
    DateTimeOffset Date,
    MachineDescription Machine,
    MachineLimits Limits,
    IReadOnlyDictionary<string, string> Sides,
    IReadOnlyList<PointResult> Results,
    IReadOnlyList<string> Notes)
{
    public string Device { get; init; } = "";

    public int Rounds { get; init; }

    /// <summary>e.g. <c>2026-11-22-1345c50bb</c>.</summary>
    public string FileName => $"{Day}-{Commit}";

    public string Day => Date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}
