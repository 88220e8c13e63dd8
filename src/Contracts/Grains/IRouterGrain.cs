using Orleans;
using XLLM.Contracts.Routing;

namespace XLLM.Contracts.Grains;

/// <summary>Turns a request into a plan from the newest fleet snapshot. Stateless; key 0.</summary>
[Alias("xllm.IRouterGrain")]
public interface IRouterGrain : IGrainWithIntegerKey
{
    [Alias("Plan")]
    Task<RouteResult> PlanAsync(RouteRequest request);
}
