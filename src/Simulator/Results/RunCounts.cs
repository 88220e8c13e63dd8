using XLLM.Contracts.Routing;

namespace XLLM.Simulator.Results;

/// <summary>What a run counts on its way.</summary>
internal sealed class RunCounts
{
    public long Mixed { get; private set; }

    public long Split { get; private set; }

    public long Interrupted { get; set; }

    /// <summary>Plans by reason, without the figures in it.</summary>
    public SortedDictionary<string, long> Reasons { get; } = new(StringComparer.Ordinal);

    public double ErrorSum { get; private set; }

    public long Errors { get; private set; }

    public void Planned(RoutePlan plan)
    {
        Mixed += plan.IsMixed ? 1 : 0;
        Split += plan.IsMixed ? 0 : 1;
        int end = plan.Reason.IndexOf(':');
        string reason = end < 0 ? plan.Policy : plan.Reason[..end];
        Reasons[reason] = Reasons.GetValueOrDefault(reason) + 1;
    }

    public void Predicted(RoutePlan plan, double seconds, int run)
    {
        if (run == 0 && !double.IsNaN(plan.ExpectedTtftSeconds) && seconds > 0)
        {
            ErrorSum += Math.Abs(plan.ExpectedTtftSeconds - seconds) / seconds;
            Errors++;
        }
    }
}
