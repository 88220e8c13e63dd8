using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using XLLM.Contracts.Grains;
using XLLM.Contracts.Ids;
using XLLM.Contracts.Kv;
using XLLM.Contracts.Routing;
using XLLM.Grains.Fleet;
using XLLM.Grains.Placement;
using XLLM.Scheduling.Routing;

namespace XLLM.Grains.Routing;

/// <summary>Plans from its silo's snapshot; asks the registry only when that gives no plan.</summary>
[GatewayPlacement]
[GrainType("xllm.router")]
internal sealed class RouterGrain(FleetView view, RouterState state, TimeProvider time, ILogger<RouterGrain> logger) : Grain, IRouterGrain
{
    // Longer prompts are told apart well enough by their first blocks, and messages stay small.
    private const int MaxLookup = 1024;

    // Hits are hints: an owner that has just died with its silo must not hold requests up.
    private static readonly TimeSpan LookupLimit = TimeSpan.FromMilliseconds(250);

    public async Task<RouteResult> PlanAsync(RouteRequest request)
    {
        ImmutableArray<PrefixHit> hits = await FindHitsAsync(request);
        RouteDecision decision = state.Decide(request, hits);
        if (decision.Result.Plan is null && await RefreshAsync())
        {
            decision = state.Decide(request, hits);
        }

        logger.Decided(request.Request, decision);
        return decision.Result;
    }

    public Task OnFirstTokenAsync(RequestId request)
    {
        state.FirstToken(request);
        return Task.CompletedTask;
    }

    public Task OnEndedAsync(RequestId request)
    {
        state.Ended(request);
        return Task.CompletedTask;
    }

    public Task<RoutingView> GetViewAsync() => Task.FromResult(state.View());

    private async Task<bool> RefreshAsync()
    {
        FleetVersion before = view.Current.Version;
        try
        {
            return (await view.RefreshAsync()).Version != before;
        }
        catch (Exception e)
        {
            logger.RefreshFailed(e);
            return false;
        }
    }

    private async Task<ImmutableArray<PrefixHit>> FindHitsAsync(RouteRequest request)
    {
        int candidates = view.Current.Instances.Count(x => x.Descriptor.Model.Name == request.Model);
        if (request.BlockHashes.IsDefaultOrEmpty || candidates < 2)
        {
            return [];
        }

        ImmutableArray<BlockHash> chain = request.BlockHashes.Length <= MaxLookup
            ? request.BlockHashes
            : request.BlockHashes[..MaxLookup];
        try
        {
            long partition = IKvBlockOwnerGrain.PartitionOf(chain[0]);
            return await GrainFactory.GetGrain<IKvBlockOwnerGrain>(partition).FindAsync(chain).WaitAsync(LookupLimit, time);
        }
        catch (Exception e)
        {
            logger.LookupFailed(request.Request, e);
            return [];
        }
    }
}
