using XLLM.Contracts.Fleet;
using XLLM.Contracts.Ids;
using XLLM.Scheduling.Fleet;
using XLLM.Scheduling.Roles;

namespace XLLM.Scheduling.Routing;

/// <summary>Where the prompt is computed.</summary>
public sealed partial class SloAwarePlanner
{
    // One instance in so many, at least one, takes no late requests.
    private const int KeptForOthers = 4;

    private (Candidate? Chosen, string Reason) PlacePrefill(SloTurn turn)
    {
        if (turn.Context.Request.Group is { } group && turn.Context.Ledger?.HomeOf(group) is { } home
            && turn.Candidates.FirstOrDefault(c => c.View.Id == home) is { } gathered)
        {
            return (gathered, RouteReasons.Group);
        }

        if (options.Colocate && Colocate(turn) is ({ } colocated, { } how))
        {
            return (colocated, how);
        }

        turn.Apart();

        double soon = turn.TtftSeconds * options.TtftAcceptShare;
        double inTime = turn.TtftSeconds * options.TtftSafeShare;
        Candidate? prefill = Quickest(turn, c => c.Pool == InstancePool.Prefill);
        Candidate? returning = Quickest(turn, c => c.Pool == InstancePool.DecodeToPrefill);
        Candidate? decode = Quickest(turn, c => RolePools.TakesDecodes(c.Pool) && KeepsPace(turn, c));
        if (prefill?.TtftSeconds <= soon)
        {
            return decode is null || decode.TtftSeconds > options.LendShare * prefill.TtftSeconds
                ? (prefill, RouteReasons.Prefill)
                : (decode, decode.Offer.HitTokens > 0 ? RouteReasons.PrefixHeld : RouteReasons.Borrowed);
        }

        if (returning?.TtftSeconds <= soon)
        {
            return (returning, RouteReasons.DecodeToPrefill);
        }

        if (Switch(turn, soon) is { } switched)
        {
            return (switched, RouteReasons.Switched);
        }

        if (decode?.TtftSeconds <= soon)
        {
            return (decode, RouteReasons.Borrowed);
        }

        Candidate? quickest = Quickest(turn, c => !RolePools.TakesDecodes(c.Pool) || c == decode);
        if (quickest?.TtftSeconds <= inTime)
        {
            return (quickest, RouteReasons.InTime);
        }

        return Latest(turn, inTime) is { } late ? (late, RouteReasons.Late) : (Quickest(turn, _ => true), RouteReasons.Quickest);
    }

    // What is late anyway must not make others late: it joins the longest queue, up to a limit, and never the shortest ones. Where all
    // others are beyond the limit it waits in the quickest of those: more wait than can be served, and somebody is still served in time.
    private Candidate? Latest(SloTurn turn, double inTime)
    {
        if (options.LateLimit == 0)
        {
            return null;
        }

        Candidate[] late = [.. turn.Candidates.Where(c => Takes(c, InstanceRole.Prefill)).OrderBy(c => c.TtftSeconds)];
        int kept = late.Length < 2 ? 0 : Math.Max(1, late.Length / KeptForOthers);
        Candidate[] open = [.. late.Skip(kept).Where(c => c.TtftSeconds > inTime)];
        return open.LastOrDefault(c => c.TtftSeconds <= turn.TtftSeconds * options.LateLimit) ?? open.FirstOrDefault();
    }

    // A switch must help this request: an instance that would be late too keeps its role.
    private Candidate? Switch(SloTurn turn, double soon)
    {
        InstanceView[] quick =
        [
            .. turn.Candidates
                .Where(c => RolePools.TakesDecodes(c.Pool) && Takes(c, InstanceRole.Prefill) && c.TtftSeconds <= soon)
                .Select(c => c.View),
        ];
        return quick.Length > 0 && turn.Pools.MoveToPrefill(quick, turn.Context.Now) is { } moved ? turn.Of(moved.Id) : null;
    }

    private static Candidate? Quickest(SloTurn turn, Func<Candidate, bool> allowed)
    {
        Candidate? best = null;
        foreach (Candidate candidate in turn.Candidates)
        {
            if (allowed(candidate) && Takes(candidate, InstanceRole.Prefill)
                && (best is null || candidate.TtftSeconds < best.TtftSeconds))
            {
                best = candidate;
            }
        }

        return best;
    }

    private static bool Takes(Candidate candidate, InstanceRole role) => (candidate.View.Status.Descriptor.Role & role) != 0;
}
