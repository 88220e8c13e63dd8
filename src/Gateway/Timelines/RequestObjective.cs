using Microsoft.Extensions.Options;
using XLLM.Contracts.Requests;
using XLLM.Scheduling.Routing;

namespace XLLM.Gateway.Timelines;

/// <summary>The objectives a request was served under: its own, or those of the policy that routed it.</summary>
internal sealed class RequestObjective(IOptions<RoutingOptions>? routing = null)
{
    private readonly RoutingOptions _routing = routing?.Value ?? new RoutingOptions();

    /// <summary>What was promised; infinite where nothing was.</summary>
    public RequestSlo Of(GenerationRecord record)
    {
        bool routed = record.Starts.Any(s => s.Plan?.Policy == SloAwarePlanner.Name);
        return new RequestSlo(
            double.IsFinite(record.Slo.TtftSeconds) || !routed ? record.Slo.TtftSeconds : _routing.TtftSeconds,
            double.IsFinite(record.Slo.TpotSeconds) || !routed ? record.Slo.TpotSeconds : _routing.TpotSeconds);
    }

    /// <summary>Mean seconds between two tokens; NaN = there were not two.</summary>
    public static double TpotOf(GenerationRecord record) => record.GeneratedTokens > 1
        ? (record.LastTokenSeconds - record.FirstTokenSeconds) / (record.GeneratedTokens - 1)
        : double.NaN;

    /// <summary>Whether a request that has ended kept them; null = there were none, or it has not ended, or was cancelled.</summary>
    public bool? IsMet(GenerationRecord record)
    {
        RequestSlo slo = Of(record);
        if (!record.HasEnded || record.Outcome == RequestOutcome.Cancelled
            || (double.IsInfinity(slo.TtftSeconds) && double.IsInfinity(slo.TpotSeconds)))
        {
            return null;
        }

        bool answered = record.Outcome is RequestOutcome.CompletedStop or RequestOutcome.CompletedLength;
        double tpot = TpotOf(record);
        return answered && record.FirstTokenSeconds <= slo.TtftSeconds && (double.IsNaN(tpot) || tpot <= slo.TpotSeconds);
    }
}
