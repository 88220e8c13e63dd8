using System.Collections.Immutable;
using System.Globalization;
using XLLM.Contracts.Fleet;
using XLLM.Contracts.Ids;
using XLLM.Contracts.Routing;
using XLLM.Scheduling.Fleet;
using XLLM.Scheduling.Prediction;
using XLLM.Scheduling.Roles;

namespace XLLM.Scheduling.Routing;

/// <summary>
/// xLLM's adaptive disaggregation of prefill and decode (its report, 3.2 and 3.4): the prompt goes where the first token is
/// predicted in time, roles change when it is so nowhere, and the decode stays there unless another instance is worth the
/// transfer. Not safe for several threads; its owner guards it.
/// </summary>
/// <param name="options">The objectives and shares.</param>
/// <param name="predictors">Shared with whoever else predicts; null = its own.</param>
public sealed partial class SloAwarePlanner(RoutingOptions options, LatencyPredictors? predictors = null) : IRoutePlanner
{
    public const string Name = "slo-aware";

    private readonly Dictionary<string, RolePools> _pools = new(StringComparer.Ordinal);
    private FleetVersion _trimmed = new(-1);

    public string Policy => Name;

    /// <summary>What is known of each instance's speed.</summary>
    public LatencyPredictors Predictors { get; } = predictors ?? new LatencyPredictors();

    public IReadOnlyList<PoolMove> Moves => [.. _pools.Values.SelectMany(p => p.Moves).OrderBy(m => m.At)];

    public IReadOnlyDictionary<string, long> MoveCounts => _pools.Values
        .SelectMany(p => p.MoveCounts)
        .GroupBy(m => m.Key)
        .ToDictionary(g => g.Key, g => g.Sum(m => m.Value));

    public InstancePool? PoolOf(InstanceDescriptor instance) => PoolsOf(instance.Model.Name)?.Of(instance.Id);

    /// <summary>The pools of a model's instances; null before its first request.</summary>
    public RolePools? PoolsOf(string model) => _pools.GetValueOrDefault(model);

    public RouteDecision Plan(RouteContext context)
    {
        if (context.Fleet.Version != _trimmed)
        {
            Predictors.Observe(context.Fleet);
            _trimmed = context.Fleet.Version;
        }

        double ttft = double.IsFinite(context.Request.Slo.TtftSeconds) ? context.Request.Slo.TtftSeconds : options.TtftSeconds;
        double tpot = double.IsFinite(context.Request.Slo.TpotSeconds) ? context.Request.Slo.TpotSeconds : options.TpotSeconds;
        List<InstanceView> views = Views(context);
        RolePools pools = Pools(context.Request.Model);
        pools.Update(views, tpot, context.Now, isApart: false);

        var verdicts = ImmutableArray.CreateBuilder<RouteVerdict>(context.Fleet.Instances.Length);
        HashSet<InstanceId> passed = [.. RouteFilter.Select(context, InstanceRole.None, verdicts).Select(x => x.Descriptor.Id)];
        List<Candidate> candidates = Candidates(context, [.. views.Where(v => passed.Contains(v.Id))], pools);
        foreach (Candidate candidate in candidates)
        {
            verdicts.Add(new RouteVerdict(
                candidate.View.Id, null, -candidate.TtftSeconds, candidate.Offer.HitTokens, DecodeCapacity.Use(candidate.View, tpot)));
        }

        var turn = new SloTurn(context, views, candidates, pools, ttft, tpot);
        (Candidate? prefill, string why) = PlacePrefill(turn);
        (Candidate? decode, string how) = prefill is null ? (null, "") : PlaceDecode(turn, prefill, why);
        return prefill is null || decode is null
            ? RouteRefusal.Of(context, verdicts.ToImmutable())
            : new RouteDecision(new RouteResult { Plan = Describe(turn, prefill, decode, $"{why}, {how}") }, verdicts.ToImmutable());
    }

    /// <summary>Faults of the pools; empty = sound.</summary>
    public IReadOnlyList<string> CheckIntegrity() => [.. _pools.Values.SelectMany(p => p.CheckIntegrity())];

    private static RoutePlan Describe(SloTurn turn, Candidate prefill, Candidate decode, string reason)
    {
        string predicted = prefill.TtftSeconds.ToString("0.###", CultureInfo.InvariantCulture);
        string wanted = turn.TtftSeconds.ToString("0.###", CultureInfo.InvariantCulture);
        return new RoutePlan
        {
            Prefill = prefill.View.Id,
            Decode = decode.View.Id,
            Fleet = turn.Context.Fleet.Version,
            Epoch = decode.View.Status.Descriptor.Epoch,
            PrefillEpoch = prefill.View.Status.Descriptor.Epoch,
            ExpectedHitTokens = prefill.Offer.HitTokens,
            Policy = Name,
            FetchFrom = prefill.Offer.FetchFrom,
            FetchBlocks = prefill.Offer.FetchBlocks,
            ExpectedTtftSeconds = prefill.TtftSeconds,
            Reason = $"{reason}: first token in {predicted} s of {wanted} s",
        };
    }

    // All that serve the model, so that one request's exclusions do not look like departures.
    private List<InstanceView> Views(RouteContext context)
    {
        List<InstanceView> views = [];
        foreach (InstanceStatus status in context.Fleet.Instances)
        {
            if (status.Descriptor.Model.Name == context.Request.Model
                && status.Health is InstanceHealth.Ready or InstanceHealth.Suspect && status.Load.Fault is null)
            {
                views.Add(new InstanceView(status, context.Ledger?.Of(status) ?? default, Predictors.Of(status)));
            }
        }

        return views;
    }

    private List<Candidate> Candidates(RouteContext context, List<InstanceView> views, RolePools pools)
    {
        var offers = new PrefixOffers(context, options);
        int prompt = context.Request.PromptTokens + context.Request.ResumedTokens;
        List<Candidate> candidates = new(views.Count);
        foreach (InstanceView view in views)
        {
            PrefixOffer offer = offers.Best(view);
            candidates.Add(new Candidate(
                view,
                pools.Of(view.Id) ?? InstancePool.Prefill,
                offer,
                view.QueueSeconds(options.ChunkTokens),
                view.RideSeconds(prompt - offer.HitTokens, 1, options.ChunkTokens)));
        }

        return candidates;
    }

    private RolePools Pools(string model)
    {
        if (!_pools.TryGetValue(model, out RolePools? pools))
        {
            _pools[model] = pools = new RolePools(options.Pools);
        }

        return pools;
    }
}
