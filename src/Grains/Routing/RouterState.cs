using System.Collections.Immutable;
using Microsoft.Extensions.Options;
using XLLM.Contracts.Fleet;
using XLLM.Contracts.Ids;
using XLLM.Contracts.Kv;
using XLLM.Contracts.Routing;
using XLLM.Grains.Fleet;
using XLLM.Scheduling.Routing;

namespace XLLM.Grains.Routing;

/// <summary>
/// What the routers of one silo share: the planner, the turn, and the work sent since the last reports. A singleton.
/// </summary>
internal sealed class RouterState(FleetView view, IOptions<RoutingOptions> options)
{
    private readonly RoutePlanner _planner = new(RoutingPolicies.Create(options.Value), options.Value.PrefillScale);
    private readonly AssignmentLedger _ledger = new();
    private readonly Lock _gate = new();
    private FleetVersion _trimmed;
    private long _turn;

    /// <summary>Decides and notes the decision, so that the next one knows of it.</summary>
    public RouteDecision Decide(RouteRequest request, ImmutableArray<PrefixHit> hits)
    {
        FleetSnapshot fleet = view.Current;
        lock (_gate)
        {
            if (fleet.Version != _trimmed)
            {
                _ledger.Trim(fleet);
                _trimmed = fleet.Version;
            }

            RouteDecision decision = _planner.Plan(new RouteContext
            {
                Request = request,
                Fleet = fleet,
                Hits = hits,
                Ledger = _ledger,
                Turn = _turn,
            });
            if (decision.Result.Plan is { } plan)
            {
                _turn++;
                InstanceStatus chosen = fleet.Instances.First(x => x.Descriptor.Id == plan.Decode);
                _ledger.Record(chosen, request.PromptTokens - plan.ExpectedHitTokens);
            }

            return decision;
        }
    }
}
