using System.Collections.Immutable;
using XLLM.Simulator.Devices;

namespace XLLM.Simulator.Results;

/// <summary>Policies side by side on one load.</summary>
public sealed record Comparison
{
    /// <summary>Name of the trace, or what was drawn.</summary>
    public required string Load { get; init; }

    /// <summary>How the load was brought to a rate.</summary>
    public required string Scaling { get; init; }

    public required DeviceProfile Device { get; init; }

    public required double TtftSeconds { get; init; }

    public required double TpotSeconds { get; init; }

    /// <summary>Prompt tokens of a step beside decodes.</summary>
    public required int ChunkTokens { get; init; }

    /// <summary>Attainment that was searched for; null = the rate was given.</summary>
    public required double? Attainment { get; init; }

    public required int Seed { get; init; }

    /// <summary>In the order in which they were asked for.</summary>
    public required ImmutableArray<ComparisonRow> Rows { get; init; }

    /// <summary>Policy the others are compared with: minimal-load where it is among them, else the last.</summary>
    public string Baseline => Rows.FirstOrDefault(r => r.Policy == "minimal-load")?.Policy ?? Rows[^1].Policy;

    /// <summary>How many times the baseline's rate a row has on the same fleet; NaN without a baseline.</summary>
    public double Ratio(ComparisonRow row) =>
        Rows.FirstOrDefault(r => r.Policy == Baseline && r.Instances == row.Instances) is { Rate: > 0 } baseline
            ? row.Rate / baseline.Rate
            : double.NaN;
}
