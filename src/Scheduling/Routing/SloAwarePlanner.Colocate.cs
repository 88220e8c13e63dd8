using XLLM.Contracts.Fleet;
using XLLM.Scheduling.Roles;

namespace XLLM.Scheduling.Routing;

/// <summary>Whether the request can have everything on one instance, and what a split would take.</summary>
public sealed partial class SloAwarePlanner
{
    /// <summary>
    /// The instance that keeps both objectives by itself with the most left of them: a transfer buys nothing as long as there is one,
    /// nor does a change of roles. Where the first token is in time but no instance keeps its pace, and keeping prompts and decodes
    /// apart would not help either, the slowest: what loses its pace anyway must not cost others theirs. Null = they are kept apart,
    /// or the request is late.
    /// </summary>
    private (Candidate? Chosen, string Reason) Colocate(SloTurn turn)
    {
        Candidate? keeps = null;
        Candidate? slowest = null;
        double most = 0;
        double least = double.PositiveInfinity;
        foreach (Candidate candidate in turn.Candidates)
        {
            if (!Takes(candidate, InstanceRole.Mixed) || candidate.TtftSeconds > turn.TtftSeconds * options.TtftSafeShare)
            {
                continue;
            }

            // Both objectives weigh alike, each by the share of it that is used up.
            double interval = IntervalSeconds(turn, candidate);
            double used = (candidate.TtftSeconds / turn.TtftSeconds) + (interval / turn.TpotSeconds);
            if (HasRoom(turn, candidate) && KeepsPace(turn, candidate) && used < least)
            {
                (keeps, least) = (candidate, used);
            }

            if (interval > most && candidate.View.KvTokens + turn.PromptTokens <= DecodeCapacity.MostTokens(candidate.View, double.PositiveInfinity))
            {
                (slowest, most) = (candidate, interval);
            }
        }

        return keeps is not null
            ? (keeps, RouteReasons.Colocated)
            : slowest is null || ApartHelps(turn) ? (null, "") : (slowest, RouteReasons.Crowded);
    }

    /// <summary>
    /// The instances that take prompts can carry all of them, and one that decodes has room and keeps its pace once it has no prompts.
    /// Where shares of time are not known yet it is taken to help.
    /// </summary>
    private bool ApartHelps(SloTurn turn)
    {
        double prompts = 0;
        int prefillers = 0;
        bool decodes = false;
        foreach (Candidate candidate in turn.Candidates)
        {
            prompts += candidate.View.PromptShare;
            if (!RolePools.TakesDecodes(candidate.Pool))
            {
                prefillers++;
            }
            else if (Takes(candidate, InstanceRole.Decode) && HasRoom(turn, candidate))
            {
                decodes |= DecodeSeconds(turn, candidate) <= turn.TpotSeconds * options.TpotSafeShare;
            }
        }

        return double.IsNaN(prompts) || (decodes && prompts <= prefillers * options.TtftSafeShare);
    }

    /// <summary>Its batch, with this request in it, keeps its pace beside the prompts that come there.</summary>
    private bool KeepsPace(SloTurn turn, Candidate candidate) =>
        IntervalSeconds(turn, candidate) <= turn.TpotSeconds * options.TpotSafeShare;

    private double IntervalSeconds(SloTurn turn, Candidate candidate) =>
        candidate.View.IntervalSeconds(options.ChunkTokens, turn.PromptTokens);
}
