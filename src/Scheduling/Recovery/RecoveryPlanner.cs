using System.Collections.Immutable;
using XLLM.Contracts.Fleet;
using XLLM.Contracts.Ids;
using XLLM.Scheduling.Fleet;
using XLLM.Scheduling.Prediction;
using XLLM.Scheduling.Roles;
using XLLM.Scheduling.Routing;

namespace XLLM.Scheduling.Recovery;

/// <summary>
/// Decides for requests that lost their instance whether surviving KV moves or everything is computed anew, whichever is predicted
/// quicker (xLLM's report, 3.5, names the choice without a formula):
/// <c>T_recompute = queue + ttft(prompt + generated, hit on target)</c>,
/// <c>T_migrate = queue + bytes / bandwidth + delay + ttft(the rest)</c>. The request with the least slack chooses first; what it
/// takes counts against those after it, so that survivors share the load. Pure apart from the predictors, which learn from the
/// snapshot.
/// </summary>
public sealed class RecoveryPlanner(RoutingOptions options, LatencyPredictors predictors)
{
    /// <summary>Decisions in the order in which the requests should be restarted; one for each.</summary>
    /// <param name="requests">Requests to place.</param>
    /// <param name="fleet">What is left.</param>
    /// <param name="ledger">What was sent since the reports in <paramref name="fleet"/>; null = nothing.</param>
    public ImmutableArray<RecoveryDecision> Plan(
        IReadOnlyList<InterruptedRequest> requests, FleetSnapshot fleet, FlightLedger? ledger = null)
    {
        Dictionary<InstanceId, Survivor> survivors = fleet.Instances.ToDictionary(
            s => s.Descriptor.Id, s => new Survivor(new InstanceView(s, ledger?.Of(s) ?? default, predictors.Of(s))));
        var decisions = ImmutableArray.CreateBuilder<RecoveryDecision>(requests.Count);
        foreach (InterruptedRequest request in requests
            .OrderBy(r => r.SlackSeconds < 0 ? 1 : 0)
            .ThenBy(r => r.SlackSeconds)
            .ThenBy(r => r.Route.Priority)
            .ThenBy(r => r.Route.Request.Value, StringComparer.Ordinal))
        {
            decisions.Add(Place(request, fleet, survivors));
        }

        return decisions.ToImmutable();
    }

    private RecoveryDecision Place(InterruptedRequest request, FleetSnapshot fleet, Dictionary<InstanceId, Survivor> survivors)
    {
        var context = new RouteContext { Request = request.Route, Fleet = fleet, Hits = request.Copies };
        var verdicts = ImmutableArray.CreateBuilder<RouteVerdict>();
        List<Survivor> able = [.. RouteFilter.Select(context, InstanceRole.Decode, verdicts).Select(s => survivors[s.Descriptor.Id])];
        int tokens = request.Route.PromptTokens + request.Route.ResumedTokens;
        if (able.Count == 0)
        {
            return new RecoveryDecision(
                request.Route.Request, RecoveryKind.None, null, null, 0, 0, double.PositiveInfinity, double.PositiveInfinity,
                request.SlackSeconds, "no survivor takes it: " + string.Join("; ", verdicts));
        }

        List<Survivor> roomy = [.. able.Where(s => s.HasRoom(tokens))];
        var offers = new PrefixOffers(context, options);
        var recomputes = new PrefixOffers(context, options, fetches: false);
        Survivor? best = null;
        PrefixOffer bestOffer = default;
        double bestSeconds = double.PositiveInfinity;
        double recompute = double.PositiveInfinity;
        foreach (Survivor survivor in roomy.Count > 0 ? roomy : able)
        {
            double queue = survivor.View.QueueSeconds(options.ChunkTokens) + survivor.AddedSeconds;
            recompute = Math.Min(recompute, queue + recomputes.Best(survivor.View).Seconds);
            PrefixOffer offer = offers.Best(survivor.View);
            if (queue + offer.Seconds < bestSeconds)
            {
                (best, bestOffer, bestSeconds) = (survivor, offer, queue + offer.Seconds);
            }
        }

        // Transfers into one instance queue too: its link is taken for as long.
        best!.Add(bestOffer.Seconds, tokens);
        return new RecoveryDecision(
            request.Route.Request,
            bestOffer.FetchFrom is null ? RecoveryKind.Recompute : RecoveryKind.Migrate,
            best.View.Id,
            bestOffer.FetchFrom,
            bestOffer.FetchBlocks,
            bestOffer.HitTokens,
            bestSeconds,
            recompute,
            request.SlackSeconds,
            Reason(bestOffer, tokens, roomy.Count > 0));
    }

    private static string Reason(PrefixOffer offer, int tokens, bool hasRoom)
    {
        string kept = offer.FetchFrom is { } from
            ? $"{offer.FetchBlocks} blocks come from {from}"
            : offer.HitTokens > 0 ? $"{offer.HitTokens} of {tokens} tokens are held there" : $"{tokens} tokens are computed anew";
        return hasRoom ? kept : kept + ", no survivor has room at once";
    }

    private sealed class Survivor(InstanceView view)
    {
        public InstanceView View { get; } = view;

        /// <summary>Work given to it by earlier decisions.</summary>
        public double AddedSeconds { get; private set; }

        private long AddedTokens { get; set; }

        public bool HasRoom(int tokens) =>
            View.KvTokens + View.PrefillTokens + AddedTokens + tokens <= View.CapacityTokens * DecodeCapacity.MemoryShare;

        public void Add(double seconds, int tokens)
        {
            AddedSeconds += seconds;
            AddedTokens += tokens;
        }
    }
}
