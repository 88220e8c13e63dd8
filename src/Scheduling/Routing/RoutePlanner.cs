using System.Collections.Immutable;
using XLLM.Contracts.Fleet;
using XLLM.Contracts.Ids;
using XLLM.Contracts.Kv;
using XLLM.Contracts.Requests;
using XLLM.Contracts.Routing;

namespace XLLM.Scheduling.Routing;

/// <summary>
/// Filter, score, pick. The decode instance is picked first; when it also prefills the plan is Mixed, else the best prefill
/// instance is picked in the same way and the plan is Split. Pure and safe for several threads apart from the ledger.
/// </summary>
/// <remarks>
/// Ties: the highest score wins; among equal scores an instance with room in its waiting queue, then the lower load, then the
/// lower instance id (ordinal). A suspect instance is considered only when no ready one is left.
/// </remarks>
public sealed class RoutePlanner(IRoutingPolicy policy, int prefillScale)
{
    public string Policy => policy.Name;

    public RouteDecision Plan(RouteContext context)
    {
        var verdicts = ImmutableArray.CreateBuilder<RouteVerdict>(context.Fleet.Instances.Length);
        if (Pick(context, InstanceRole.Decode, verdicts) is not { } decode)
        {
            return new RouteDecision(Refuse(context, verdicts), verdicts.ToImmutable());
        }

        InstanceId chosen = decode.Status.Descriptor.Id;
        InstanceId prefill = chosen;
        if ((decode.Status.Descriptor.Role & InstanceRole.Prefill) == 0)
        {
            if (Pick(context, InstanceRole.Prefill, verdicts) is not { } other)
            {
                return new RouteDecision(Refuse(context, verdicts), verdicts.ToImmutable());
            }

            prefill = other.Status.Descriptor.Id;
        }

        var plan = new RoutePlan
        {
            Prefill = prefill,
            Decode = chosen,
            Fleet = context.Fleet.Version,
            Epoch = decode.Status.Descriptor.Epoch,
            ExpectedHitTokens = decode.HitTokens,
            Policy = policy.Name,
        };
        return new RouteDecision(new RouteResult { Plan = plan }, verdicts.ToImmutable());
    }

    private RouteCandidate? Pick(RouteContext context, InstanceRole role, ImmutableArray<RouteVerdict>.Builder verdicts)
    {
        List<InstanceStatus> passed = Filter(context, role, verdicts);
        RouteCandidate? best = null;
        double bestScore = double.NegativeInfinity;
        for (int i = 0; i < passed.Count; i++)
        {
            RouteCandidate candidate = Describe(context, passed, i);
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

    private static List<InstanceStatus> Filter(
        RouteContext context, InstanceRole role, ImmutableArray<RouteVerdict>.Builder verdicts)
    {
        List<InstanceStatus> ready = [];
        List<InstanceStatus> suspect = [];
        foreach (InstanceStatus status in context.Fleet.Instances)
        {
            string? dropped = RouteFilter.Drop(status, context.Request, role);
            if (dropped is not null)
            {
                verdicts.Add(new RouteVerdict(status.Descriptor.Id, dropped, double.NaN, 0, 0));
            }
            else
            {
                (status.Health == InstanceHealth.Ready ? ready : suspect).Add(status);
            }
        }

        if (ready.Count == 0)
        {
            return suspect;
        }

        foreach (InstanceStatus status in suspect)
        {
            verdicts.Add(new RouteVerdict(status.Descriptor.Id, "suspect", double.NaN, 0, 0));
        }

        return ready;
    }

    private RouteCandidate Describe(RouteContext context, List<InstanceStatus> passed, int index)
    {
        InstanceStatus status = passed[index];
        int prompt = context.Request.PromptTokens;
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
        return new RouteCandidate(status, hitTokens, fraction, load, index, passed.Count, context.Turn);
    }

    private static bool Precedes(in RouteCandidate candidate, in RouteCandidate leader)
    {
        bool room = HasRoom(candidate.Status);
        bool leaderRoom = HasRoom(leader.Status);
        return room != leaderRoom ? room : candidate.Load < leader.Load;
    }

    private static bool HasRoom(InstanceStatus status) => status.Load.Waiting < Math.Max(1, status.Descriptor.MaxWaiting);

    private static RouteResult Refuse(RouteContext context, ImmutableArray<RouteVerdict>.Builder verdicts)
    {
        string model = context.Request.Model;
        ImmutableArray<InstanceStatus> all = context.Fleet.Instances;
        if (all.Length > 0 && all.All(x => x.Descriptor.Model.Name != model))
        {
            string served = string.Join(", ", all.Select(x => x.Descriptor.Model.Name).Distinct().Order(StringComparer.Ordinal));
            return new RouteResult
            {
                Refusal = RequestOutcome.ModelNotFound,
                Message = $"The model '{model}' is not served here. Served: {served}.",
            };
        }

        string[] reasons = [.. verdicts.Where(x => x.FilteredBy is not (null or "model")).Select(x => x.ToString()).Distinct()];
        bool tooSmall = reasons.Length > 0 && verdicts.All(x => x.FilteredBy is "model" or "too-small");
        return new RouteResult
        {
            Refusal = tooSmall ? RequestOutcome.RejectedTooLong : RequestOutcome.NoInstance,
            Message = reasons.Length == 0
                ? $"No instance serves '{model}' yet."
                : $"No instance can take a request for '{model}' now: {string.Join("; ", reasons)}.",
        };
    }
}
