using XLLM.Contracts.Fleet;

namespace XLLM.Scheduling.Routing;

/// <summary>Whether the request can have everything on one instance.</summary>
public sealed partial class SloAwarePlanner
{
    /// <summary>
    /// The instance that keeps both objectives by itself: the fullest of those within <see cref="RoutingOptions.FillShare"/> of them,
    /// which leaves room elsewhere for long prompts, else the one with the most left of them. Null = none does, and prompts and
    /// decodes have to be kept apart. A transfer buys nothing as long as there is one, nor does a change of roles.
    /// </summary>
    private Candidate? Colocate(SloTurn turn)
    {
        Candidate? best = null;
        Candidate? fullest = null;
        double least = double.PositiveInfinity;
        double most = 0;
        foreach (Candidate candidate in turn.Candidates)
        {
            if (!Takes(candidate, InstanceRole.Mixed) || !HasRoom(turn, candidate)
                || candidate.TtftSeconds > turn.TtftSeconds * options.TtftSafeShare || !KeepsPace(turn, candidate))
            {
                continue;
            }

            // Both objectives weigh alike, each by the share of it that is used up.
            double ttft = candidate.TtftSeconds / turn.TtftSeconds;
            double tpot = IntervalSeconds(turn, candidate) / turn.TpotSeconds;
            double used = ttft + tpot;
            if (used < least)
            {
                (best, least) = (candidate, used);
            }

            if (Math.Max(ttft, tpot) <= options.FillShare && used > most)
            {
                (fullest, most) = (candidate, used);
            }
        }

        return fullest ?? best;
    }

    /// <summary>Its batch, with this request in it, keeps its pace beside the prompts that come there.</summary>
    private bool KeepsPace(SloTurn turn, Candidate candidate) =>
        IntervalSeconds(turn, candidate) <= turn.TpotSeconds * options.TpotSafeShare;

    private double IntervalSeconds(SloTurn turn, Candidate candidate) =>
        candidate.View.IntervalSeconds(options.ChunkTokens, turn.PromptTokens);
}
