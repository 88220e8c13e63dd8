using XLLM.Contracts.Fleet;
using XLLM.Contracts.Requests;
using XLLM.Contracts.Routing;
using XLLM.Scheduling.Prediction;
using XLLM.Scheduling.Recovery;
using XLLM.Scheduling.Roles;
using XLLM.Scheduling.Routing;

namespace XLLM.Simulator.Running;

/// <summary>The router of a silo: the same planner and ledger, with the clock of the simulation.</summary>
internal sealed class SimRouter
{
    public const string Model = "model";

    private readonly RoutingOptions _options;
    private readonly IRoutePlanner _planner;
    private readonly FlightLedger _ledger = new(TimeSpan.FromDays(1));
    private readonly RecoveryPlanner _recovery;
    private readonly RequestSlo _slo;
    private long _turn;
    private long _prefillTurn;

    public SimRouter(SimulationOptions options)
    {
        _options = new RoutingOptions
        {
            Policy = options.Policy.Policy,
            TtftSeconds = options.Ttft,
            TpotSeconds = options.Tpot,
            ChunkTokens = options.Chunk,
            TransferBytesPerSecond = options.Device.TransferBytesPerSecond,
            TransferDelaySeconds = options.Device.TransferDelaySeconds,
            Pools = options.Routing.Pools,
            PrefixWeight = options.Routing.PrefixWeight,
            LoadWeight = options.Routing.LoadWeight,
            PrefillScale = options.Routing.PrefillScale,
            TtftAcceptShare = options.Routing.TtftAcceptShare,
            TtftSafeShare = options.Routing.TtftSafeShare,
            TpotSafeShare = options.Routing.TpotSafeShare,
            LendShare = options.Routing.LendShare,
            LateLimit = options.Routing.LateLimit,
            Colocate = options.Routing.Colocate,
        };
        _planner = RoutePlanners.Create(_options);
        _recovery = new RecoveryPlanner(_options, (_planner as SloAwarePlanner)?.Predictors ?? new LatencyPredictors());
        _slo = new RequestSlo(options.Ttft, options.Tpot);
    }

    /// <summary>The newest snapshot.</summary>
    public FleetSnapshot Fleet { get; private set; } = FleetSnapshot.Empty;

    /// <summary>The pools; null for policies without.</summary>
    public RolePools? Pools => (_planner as SloAwarePlanner)?.PoolsOf(Model);

    public void Observe(FleetSnapshot fleet, double now)
    {
        Fleet = fleet;
        _ledger.Observe(fleet, Time(now));
    }

    public RoutePlan? Plan(SimRequest request, double now)
    {
        RouteRequest route = Route(request);
        RoutePlan? plan = _planner.Plan(new RouteContext
        {
            Request = route, Fleet = Fleet, Ledger = _ledger, Turn = _turn, PrefillTurn = _prefillTurn, Now = Time(now),
        }).Result.Plan;
        if (plan is not null)
        {
            _turn++;
            _prefillTurn += plan.IsMixed ? 0 : 1;
            _ledger.Scheduled(route, plan, Fleet, Time(now));
        }

        return plan;
    }

    /// <summary>Where interrupted requests go on, in the order in which they restart.</summary>
    public IReadOnlyList<RecoveryDecision> Recover(IEnumerable<SimRequest> requests, double now) =>
        _recovery.Plan(
            [
                .. requests.Select(r => new InterruptedRequest
                {
                    Route = Route(r),
                    SlackSeconds = RecoverySlack.Of(
                        _slo, Time(r.Arrival), double.IsNaN(r.FirstToken) ? null : Time(r.FirstToken), r.Generated, Time(now)),
                }),
            ],
            Fleet,
            _ledger);

    /// <summary>A plan by a recovery decision was made.</summary>
    public void Resumed(SimRequest request, RoutePlan plan, double now) => _ledger.Scheduled(Route(request), plan, Fleet, Time(now));

    public void FirstToken(SimRequest request, double now) => _ledger.FirstToken(request.Id, Time(now));

    public void Ended(SimRequest request) => _ledger.Ended(request.Id);

    public static DateTimeOffset Time(double seconds) => DateTimeOffset.UnixEpoch.AddTicks((long)(seconds * TimeSpan.TicksPerSecond));

    private RouteRequest Route(SimRequest request) => new()
    {
        Request = request.Id,
        Model = Model,
        PromptTokens = request.PromptTokens,
        ResumedTokens = request.Generated,
        Slo = _slo,
    };
}
