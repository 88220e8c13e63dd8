using XLLM.Contracts.Fleet;
using XLLM.Scheduling.Fleet;
using XLLM.Scheduling.Roles;

namespace XLLM.Scheduling.Routing;

/// <summary>Where the answer is generated.</summary>
public sealed partial class SloAwarePlanner
{
    private (Candidate? Chosen, string Reason) PlaceDecode(SloTurn turn, Candidate prefill, string why)
    {
        if (why is RouteReasons.Colocated or RouteReasons.Crowded)
        {
            return (prefill, RouteReasons.SameInstance);
        }

        bool may = Takes(prefill, InstanceRole.Decode);
        bool has = may && HasRoom(turn, prefill);

        // What is late already has lost its objectives, and must not cost others theirs.
        bool stays = why is RouteReasons.Group or RouteReasons.Late;
        if (has && (stays || KeepsPaceWithPrompts(turn, prefill)))
        {
            return (prefill, RouteReasons.SameInstance);
        }

        Candidate? other = FewestTokens(turn, prefill);
        if (other is not null && (!may || Pays(turn, prefill, other, has)))
        {
            return (other, RouteReasons.FewestTokens);
        }

        if (other is null && turn.Pools.MoveToDecode(turn.Views, PoolRules.DecodeShort, turn.Context.Now) is { } moved)
        {
            Candidate switched = turn.Of(moved.Id);
            if (switched == prefill || Reaches(turn, prefill, switched))
            {
                return (switched, RouteReasons.DecodeSwitched);
            }
        }

        return may ? (prefill, RouteReasons.NoRoom) : (AnyDecoder(turn, prefill), RouteReasons.NoRoom);
    }

    /// <summary>Its tokens with this request's stay below what memory and speed allow.</summary>
    private static bool HasRoom(SloTurn turn, Candidate candidate) =>
        candidate.View.KvTokens + turn.PromptTokens <= DecodeCapacity.MostTokens(candidate.View, turn.TpotSeconds);

    // Beside prompts when it takes any, which a prefill instance does for as long as the decode lasts.
    private bool KeepsPaceWithPrompts(SloTurn turn, Candidate candidate) =>
        RolePools.TakesDecodes(candidate.Pool) && candidate.View.PrefillRequests == 0
            ? DecodeSeconds(turn, candidate) <= turn.TpotSeconds * options.TpotSafeShare
            : KeepsPace(turn, candidate);

    // A step of its batch with this request in it and no prompts beside.
    private static double DecodeSeconds(SloTurn turn, Candidate candidate) =>
        candidate.View.Latency.Tpot.Seconds(candidate.View.KvTokens + turn.PromptTokens, candidate.View.DecodeRequests + 1);

    private Candidate? FewestTokens(SloTurn turn, Candidate prefill)
    {
        Candidate? best = null;
        foreach (Candidate candidate in turn.Candidates)
        {
            if (candidate != prefill && RolePools.TakesDecodes(candidate.Pool) && Takes(candidate, InstanceRole.Decode)
                && HasRoom(turn, candidate) && Reaches(turn, prefill, candidate)
                && (best is null || candidate.View.KvTokens < best.View.KvTokens))
            {
                best = candidate;
            }
        }

        return best;
    }

    /// <summary>
    /// The transfer buys something: the interval between tokens gets better by it, and the first token stays in time or would have
    /// been late anyway.
    /// </summary>
    private bool Pays(SloTurn turn, Candidate prefill, Candidate decode, bool hasRoomHere)
    {
        double here = IntervalSeconds(turn, prefill);
        double there = decode.View.PrefillRequests > 0 ? IntervalSeconds(turn, decode) : DecodeSeconds(turn, decode);
        double first = prefill.TtftSeconds + MoveSeconds(turn, prefill, decode) + there;
        return (!hasRoomHere || there < here) && (first <= turn.TtftSeconds || prefill.TtftSeconds > turn.TtftSeconds);
    }

    private bool Reaches(SloTurn turn, Candidate from, Candidate to) =>
        double.IsFinite(MoveSeconds(turn, from, to)) || !Takes(from, InstanceRole.Decode);

    private double MoveSeconds(SloTurn turn, Candidate from, Candidate to)
    {
        InstanceDescriptor source = from.View.Status.Descriptor;
        long blocks = turn.PromptTokens / Math.Max(1, source.BlockTokens);
        double seconds = KvMoveCost.TransferSeconds(source, to.View.Status.Descriptor, blocks, options);
        return KvMoveCost.ExposedSeconds(seconds, from.Offer.ComputeSeconds, turn.PromptTokens - from.Offer.HitTokens, options);
    }

    private static Candidate? AnyDecoder(SloTurn turn, Candidate prefill)
    {
        Candidate? best = null;
        foreach (Candidate candidate in turn.Candidates)
        {
            if (candidate != prefill && Takes(candidate, InstanceRole.Decode)
                && (best is null || candidate.View.KvTokens < best.View.KvTokens))
            {
                best = candidate;
            }
        }

        return best;
    }
}
