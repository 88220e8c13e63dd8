using XLLM.Contracts.Ids;
using XLLM.Contracts.Ports;
using XLLM.Grains.Routing;

namespace XLLM.Grains.Requests;

/// <summary>Tells the silo's router that a prompt is computed, and its watch how urgent the request is from now on.</summary>
internal sealed class RequestProgress(RouterState router, RunWatch runs) : IRequestProgress
{
    public void OnFirstToken(RequestId request)
    {
        router.FirstToken(request);
        runs.FirstToken(request);
    }
}
