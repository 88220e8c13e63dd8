using System.Collections.Immutable;
using XLLM.Scheduling.Roles;
using XLLM.Simulator.Running;

namespace XLLM.Simulator.Results;

/// <summary>What one run of a load gave.</summary>
public sealed record SimulationResult
{
    /// <summary>Requests of the load.</summary>
    public required int Requests { get; init; }

    /// <summary>Those that ended; all, unless the run was aborted.</summary>
    public required int Finished { get; init; }

    /// <summary>Too many objectives were missed for the run to go on; other figures are of what ended.</summary>
    public required bool IsAborted { get; init; }

    /// <summary>Requests a second over the time in which they came.</summary>
    public required double Rate { get; init; }

    /// <summary>Share of all requests that kept both objectives, [0, 1].</summary>
    public required double Attainment { get; init; }

    /// <summary>Share whose first token came in time.</summary>
    public required double TtftAttainment { get; init; }

    /// <summary>Share whose tokens came at the wanted pace.</summary>
    public required double TpotAttainment { get; init; }

    public required double TtftP50 { get; init; }

    public required double TtftP90 { get; init; }

    public required double TtftP99 { get; init; }

    public required double TpotP50 { get; init; }

    public required double TpotP90 { get; init; }

    public required double TpotP99 { get; init; }

    /// <summary>Share of the run its instances spent in steps, [0, 1].</summary>
    public required double Utilisation { get; init; }

    /// <summary>Plans on one instance.</summary>
    public required long Mixed { get; init; }

    /// <summary>Plans on two.</summary>
    public required long Split { get; init; }

    /// <summary>Requests that lost their instance, each time counted.</summary>
    public required long Interrupted { get; init; }

    /// <summary>Longest time without a token that a loss brought, seconds.</summary>
    public required double LongestGap { get; init; }

    /// <summary>Mean relative error of the predicted times to the first token; NaN = nothing was predicted.</summary>
    public required double PredictionError { get; init; }

    /// <summary>Plans by reason.</summary>
    public required ImmutableSortedDictionary<string, long> Reasons { get; init; }

    /// <summary>Moves between pools by rule.</summary>
    public required ImmutableSortedDictionary<string, long> Moves { get; init; }

    internal static SimulationResult Of(
        SimulationOptions options, SimRequest[] requests, RunCounts counts, RolePools? pools, double end, double busySeconds, bool aborted)
    {
        SimRequest[] done = [.. requests.Where(r => !double.IsNaN(r.Finish))];
        double[] ttft = [.. done.Select(r => r.TtftSeconds).Order()];
        double[] tpot = [.. done.Where(r => r.OutputTokens > 1).Select(r => r.TpotSeconds).Order()];
        double span = requests[^1].Arrival - requests[0].Arrival;
        return new SimulationResult
        {
            Requests = requests.Length,
            Finished = done.Length,
            IsAborted = aborted,
            Rate = span > 0 ? requests.Length / span : 0,
            Attainment = Share(done.Count(r => r.TtftSeconds <= options.Ttft && r.TpotSeconds <= options.Tpot), requests.Length),
            TtftAttainment = Share(done.Count(r => r.TtftSeconds <= options.Ttft), requests.Length),
            TpotAttainment = Share(done.Count(r => r.TpotSeconds <= options.Tpot), requests.Length),
            TtftP50 = Quantile(ttft, 0.5),
            TtftP90 = Quantile(ttft, 0.9),
            TtftP99 = Quantile(ttft, 0.99),
            TpotP50 = Quantile(tpot, 0.5),
            TpotP90 = Quantile(tpot, 0.9),
            TpotP99 = Quantile(tpot, 0.99),
            Utilisation = end > 0 ? busySeconds / (end * options.Instances) : 0,
            Mixed = counts.Mixed,
            Split = counts.Split,
            Interrupted = counts.Interrupted,
            LongestGap = done.Length > 0 ? done.Max(r => r.Gap) : 0,
            PredictionError = counts.Errors > 0 ? counts.ErrorSum / counts.Errors : double.NaN,
            Reasons = counts.Reasons.ToImmutableSortedDictionary(StringComparer.Ordinal),
            Moves = (pools?.MoveCounts ?? new Dictionary<string, long>()).ToImmutableSortedDictionary(StringComparer.Ordinal),
        };
    }

    private static double Share(int count, int all) => (double)count / all;

    // Nearest rank.
    private static double Quantile(double[] sorted, double share) =>
        sorted.Length == 0 ? 0 : sorted[Math.Clamp((int)Math.Ceiling(share * sorted.Length) - 1, 0, sorted.Length - 1)];
}
