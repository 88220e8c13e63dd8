using Orleans.Concurrency;
using XLLM.Contracts.Ids;
using XLLM.Contracts.Routing;

namespace XLLM.Contracts.Grains;

/// <summary>
/// Turns requests into plans from the newest fleet snapshot. One per cluster, key 0, so that all gateways share its pools and what
/// it knows to be under way; a gateway that cannot reach it plans for itself meanwhile.
/// </summary>
[Alias("xllm.IRouterGrain")]
public interface IRouterGrain : IGrainWithIntegerKey
{
    [AlwaysInterleave]
    [ResponseTimeout("00:00:01")]
    [Alias("Plan")]
    Task<RouteResult> PlanAsync(RouteRequest request);

    /// <summary>The request's prompt is computed. Telling it again changes nothing.</summary>
    [OneWay]
    [AlwaysInterleave]
    [Alias("OnFirstToken")]
    Task OnFirstTokenAsync(RequestId request);

    /// <summary>The request has ended, in whatever way. Telling it again changes nothing.</summary>
    [OneWay]
    [AlwaysInterleave]
    [Alias("OnEnded")]
    Task OnEndedAsync(RequestId request);

    /// <summary>What it makes of the instances now.</summary>
    [AlwaysInterleave]
    [ResponseTimeout("00:00:01")]
    [Alias("GetView")]
    Task<RoutingView> GetViewAsync();
}
