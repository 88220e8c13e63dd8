using System.Collections.Immutable;
using Microsoft.Extensions.Options;
using XLLM.Contracts.Fleet;
using XLLM.Contracts.Ids;
using XLLM.Contracts.Kv;
using XLLM.Contracts.Routing;
using XLLM.Grains.Fleet;
using XLLM.Scheduling.Fleet;
using XLLM.Scheduling.Prediction;
using XLLM.Scheduling.Recovery;
using XLLM.Scheduling.Routing;

namespace XLLM.Grains.Routing;

/// <summary>
/// What the routers of one silo share: the planner, the turn, and the work sent since the last reports. A singleton.
/// </summary>
internal sealed class RouterState : IDisposable
{
    private readonly FleetView _view;
    private readonly RoutingOptions _options;
    private readonly TimeProvider _time;
    private readonly IRoutePlanner _planner;
    private readonly RouterMetrics _metrics;
    private readonly LatencyPredictors _predictors = new();
    private readonly FlightLedger _ledger = new();
    private readonly Lock _gate = new();
    private FleetVersion _learnt;
    private long _turn;
    private long _prefillTurn;

    public RouterState(FleetView view, IOptions<RoutingOptions> options, TimeProvider time)
    {
        (_view, _options, _time) = (view, options.Value, time);
        _planner = RoutePlanners.Create(options.Value, _predictors);
        _metrics = new RouterMetrics(View, MoveCounts);
        _view.Changed += Learn;
    }

    /// <summary>The router's state now. Any thread.</summary>
    public RoutingView View()
    {
        lock (_gate)
        {
            return new RoutingView
            {
                Policy = _planner.Policy,
                Instances =
                [
                    .. _view.Current.Instances.Select(Advice),
                ],
                Moves = [.. _planner.Moves.Select(m => FormattableString.Invariant($"{m.At:HH:mm:ss.fff} {m}"))],
                InFlight = _ledger.Count,
                TtftError = _ledger.FirstTokens.MeanRelative,
            };
        }
    }

    /// <summary>Decides and notes the decision, so that the next one knows of it.</summary>
    public RouteDecision Decide(RouteRequest request, ImmutableArray<PrefixHit> hits)
    {
        FleetSnapshot fleet = _view.Current;
        DateTimeOffset now = _time.GetUtcNow();
        lock (_gate)
        {
            Learn(fleet, now);
            RouteDecision decision = Recover(request, hits, fleet) ?? _planner.Plan(new RouteContext
            {
                Request = request,
                Fleet = fleet,
                Hits = hits,
                Ledger = _ledger,
                Turn = _turn,
                PrefillTurn = _prefillTurn,
                Now = now,
            });
            if (decision.Result.Plan is { } plan)
            {
                _turn++;
                _prefillTurn += plan.IsMixed ? 0 : 1;
                _ledger.Scheduled(request, plan, fleet, now);
            }

            _metrics.Planned(_planner.Policy, decision.Result);

            return decision;
        }
    }

    // One that generated before goes on where that is quickest, with its KV moved there or computed anew. The watch of its silo hands
    // lost requests on in the order of their slack, and what each takes counts in the ledger. Null = as any other request.
    private RouteDecision? Recover(RouteRequest request, ImmutableArray<PrefixHit> hits, FleetSnapshot fleet)
    {
        if (request.ResumedTokens == 0
            || fleet.Instances.Any(x => x.Descriptor.Model.Name == request.Model && x.Descriptor.Profile.Prefill.IsDefaultOrEmpty))
        {
            return null;
        }

        var interrupted = new InterruptedRequest { Route = request, Copies = hits };
        RecoveryDecision decision = new RecoveryPlanner(_options, _predictors).Plan([interrupted], fleet, _ledger)[0];
        if (decision.Target is not { } target)
        {
            return null;
        }

        long epoch = fleet.Instances.First(x => x.Descriptor.Id == target).Descriptor.Epoch;
        RoutePlan plan = RoutePlan.Mixed(target, fleet.Version, decision.KeptTokens, "recovery") with
        {
            Epoch = epoch,
            PrefillEpoch = epoch,
            FetchFrom = decision.From,
            FetchBlocks = decision.FromBlocks,
            ExpectedTtftSeconds = decision.Seconds,
            Reason = decision.Reason,
        };
        return new RouteDecision(new RouteResult { Plan = plan }, []);
    }

    /// <summary>The request's first token has come. From any thread; telling it again changes nothing.</summary>
    public void FirstToken(RequestId request)
    {
        lock (_gate)
        {
            _ledger.FirstToken(request, _time.GetUtcNow());
        }
    }

    /// <summary>The request ended in whatever way. From any thread; telling it again changes nothing.</summary>
    public void Ended(RequestId request)
    {
        lock (_gate)
        {
            _ledger.Ended(request);
        }
    }

    public void Dispose()
    {
        _view.Changed -= Learn;
        _metrics.Dispose();
    }

    // Every report teaches, also while no request comes.
    private void Learn()
    {
        lock (_gate)
        {
            Learn(_view.Current, _time.GetUtcNow());
        }
    }

    private void Learn(FleetSnapshot fleet, DateTimeOffset now)
    {
        if (fleet.Version != _learnt)
        {
            _ledger.Observe(fleet, now);
            _predictors.Observe(fleet);
            _learnt = fleet.Version;
        }
    }

    private InstanceAdvice Advice(InstanceStatus status)
    {
        var view = new InstanceView(status, _ledger.Of(status), _predictors.Of(status));
        return new InstanceAdvice(status.Descriptor.Id, _planner.PoolOf(status.Descriptor)?.ToString() ?? "")
        {
            PrefillSamples = view.Latency.Ttft.Samples,
            DecodeSamples = view.Latency.Tpot.Samples,
            PrefillError = view.Latency.Ttft.Error.MeanRelative,
            DecodeError = view.Latency.Tpot.Error.MeanRelative,
            PromptShare = view.PromptShare,
        };
    }

    private IReadOnlyDictionary<string, long> MoveCounts()
    {
        lock (_gate)
        {
            return _planner.MoveCounts;
        }
    }
}
