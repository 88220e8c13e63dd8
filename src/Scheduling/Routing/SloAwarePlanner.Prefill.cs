using XLLM.Contracts.Fleet;
using XLLM.Contracts.Ids;
using XLLM.Scheduling.Fleet;
using XLLM.Scheduling.Roles;

namespace XLLM.Scheduling.Routing;

/// <summary>Where the prompt is computed.</summary>
public sealed partial class SloAwarePlanner
{
    // A decode instance takes a prompt for its prefix only when that saves so much; decodes there are slowed by it.
    private const double PrefixGain = 0.5;

    private (Candidate? Chosen, string Reason) PlacePrefill(SloTurn turn)
    {
        if (turn.Context.Request.Group is { } group && turn.Context.Ledger?.HomeOf(group) is { } home
            && turn.Candidates.FirstOrDefault(c => c.View.Id == home) is { } gathered)
        {
            return (gathered, RouteReasons.Group);
        }

        Candidate? prefill = Quickest(turn, c => c.Pool == InstancePool.Prefill);
        Candidate? returning = Quickest(turn, c => c.Pool == InstancePool.DecodeToPrefill);
        Candidate? decode = Quickest(turn, c => RolePools.TakesDecodes(c.Pool) && KeepsPace(turn, c));
        if (prefill?.TtftSeconds <= turn.TtftSeconds)
        {
            bool held = decode is { Offer.HitTokens: > 0 } && decode.TtftSeconds < PrefixGain * prefill.TtftSeconds;
            return held ? (decode, RouteReasons.PrefixHeld) : (prefill, RouteReasons.Prefill);
        }

        if (returning?.TtftSeconds <= turn.TtftSeconds)
        {
            return (returning, RouteReasons.DecodeToPrefill);
        }

        if (Switch(turn) is { } switched)
        {
            return (switched, RouteReasons.Switched);
        }

        if (decode?.TtftSeconds <= turn.TtftSeconds)
        {
            return (decode, RouteReasons.Borrowed);
        }

        return (Quickest(turn, _ => true), RouteReasons.Quickest);
    }

    // A switch must help this request: an instance that would be late too keeps its role.
    private Candidate? Switch(SloTurn turn)
    {
        InstanceView[] quick =
        [
            .. turn.Candidates
                .Where(c => RolePools.TakesDecodes(c.Pool) && Takes(c, InstanceRole.Prefill) && c.TtftSeconds <= turn.TtftSeconds)
                .Select(c => c.View),
        ];
        return quick.Length > 0 && turn.Pools.MoveToPrefill(quick, turn.Context.Now) is { } moved ? turn.Of(moved.Id) : null;
    }

    /// <summary>Its batch, with this request in it, keeps its pace while prompts are computed beside it.</summary>
    private bool KeepsPace(SloTurn turn, Candidate candidate) =>
        candidate.View.MixedStepSeconds(options.ChunkTokens, 1, turn.PromptTokens) <= turn.TpotSeconds;

    private static Candidate? Quickest(SloTurn turn, Func<Candidate, bool> allowed)
    {
        Candidate? best = null;
        foreach (Candidate candidate in turn.Candidates)
        {
            if (allowed(candidate) && Takes(candidate, InstanceRole.Prefill) && (best is null || candidate.TtftSeconds < best.TtftSeconds))
            {
                best = candidate;
            }
        }

        return best;
    }

    private static bool Takes(Candidate candidate, InstanceRole role) => (candidate.View.Status.Descriptor.Role & role) != 0;
}
