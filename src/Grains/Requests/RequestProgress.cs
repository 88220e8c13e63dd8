using XLLM.Contracts.Grains;
using XLLM.Contracts.Ids;
using XLLM.Contracts.Ports;
using XLLM.Grains.Routing;

namespace XLLM.Grains.Requests;

/// <summary>Tells the routers that a prompt is computed, and the silo's watch how urgent the request is from now on.</summary>
internal sealed class RequestProgress(RouterState router, RunWatch runs, IGrainFactory grains) : IRequestProgress
{
    public void OnFirstToken(RequestId request)
    {
        // The cluster's router planned it, or this silo's own when that one could not be reached.
        router.FirstToken(request);
        grains.GetGrain<IRouterGrain>(0).OnFirstTokenAsync(request).Ignore();
        runs.FirstToken(request);
    }
}
