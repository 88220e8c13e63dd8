using System.Collections.Immutable;
using XLLM.Contracts.Fleet;
using XLLM.Contracts.Ids;
using XLLM.Contracts.Kv;
using XLLM.Contracts.Routing;

namespace XLLM.Scheduling.Routing;

/// <summary>
/// Filter, score, pick: the planner of policies that score one instance at a time. The decode instance is picked first; when it
/// also prefills the plan is Mixed, else the best prefill instance is picked in the same way and the plan is Split. Pure and safe
/// for several threads apart from the ledger.
/// </summary>
/// <remarks>
/// Ties: the highest score wins; among equal scores an instance with room in its waiting queue, then the lower load, then the
/// lower instance id (ordinal). A suspect instance is considered only when no ready one is left.
/// </remarks>
public sealed class RoutePlanner(IRoutingPolicy policy, int prefillScale) : IRoutePlanner
{
    public string Policy => policy.Name;

    public RouteDecision Plan(RouteContext context)
    {
        var verdicts = ImmutableArray.CreateBuilder<RouteVerdict>(context.Fleet.Instances.Length);
        if (Pick(context, InstanceRole.Decode, verdicts) is not { } decode)
        {
            return RouteRefusal.Of(context, verdicts.ToImmutable());
        }

        InstanceId chosen = decode.Status.Descriptor.Id;
        InstanceStatus prefill = decode.Status;
        if ((decode.Status.Descriptor.Role & InstanceRole.Prefill) == 0)
        {
            if (Pick(context, InstanceRole.Prefill, verdicts) is not { } other)
            {
                return RouteRefusal.Of(context, verdicts.ToImmutable());
            }

            prefill = other.Status;
        }

        var plan = new RoutePlan
        {
            Prefill = prefill.Descriptor.Id,
            Decode = chosen,
            Fleet = context.Fleet.Version,
            Epoch = decode.Status.Descriptor.Epoch,
            PrefillEpoch = prefill.Descriptor.Epoch,
            ExpectedHitTokens = decode.HitTokens,
            Policy = policy.Name,
        };
        return new RouteDecision(new RouteResult { Plan = plan }, verdicts.ToImmutable());
    }

    private RouteCandidate? Pick(RouteContext context, InstanceRole role, ImmutableArray<RouteVerdict>.Builder verdicts)
    {
        List<InstanceStatus> passed = RouteFilter.Select(context, role, verdicts);
        RouteCandidate? best = null;
        double bestScore = double.NegativeInfinity;
        for (int i = 0; i < passed.Count; i++)
        {
            RouteCandidate candidate = Describe(context, passed, i, role);
            double score = policy.Score(candidate);
            verdicts.Add(new RouteVerdict(
                passed[i].Descriptor.Id, null, score, candidate.HitTokens, candidate.Load));
            if (best is not { } leader || score > bestScore || (score == bestScore && Precedes(candidate, leader)))
            {
                best = candidate;
                bestScore = score;
            }
        }

        return best;
    }

    private RouteCandidate Describe(RouteContext context, List<InstanceStatus> passed, int index, InstanceRole role)
    {
        InstanceStatus status = passed[index];
        int prompt = context.Request.PromptTokens + context.Request.ResumedTokens;
        int hitTokens = 0;
        foreach (PrefixHit hit in context.Hits)
        {
            if (hit.Instance == status.Descriptor.Id)
            {
                hitTokens = (int)Math.Min(prompt, (long)hit.Blocks * status.Descriptor.BlockTokens);
            }
        }

        double load = InstanceLoad.Of(status, context.Ledger?.Of(status) ?? default, prefillScale);
        double fraction = prompt > 0 ? (double)hitTokens / prompt : 0;
        long turn = role == InstanceRole.Decode ? context.Turn : context.PrefillTurn;
        return new RouteCandidate(status, hitTokens, fraction, load, index, passed.Count, turn);
    }

    private static bool Precedes(in RouteCandidate candidate, in RouteCandidate leader)
    {
        bool room = HasRoom(candidate.Status);
        bool leaderRoom = HasRoom(leader.Status);
        return room != leaderRoom ? room : candidate.Load < leader.Load;
    }

    private static bool HasRoom(InstanceStatus status) => status.Load.Waiting < Math.Max(1, status.Descriptor.MaxWaiting);
}
