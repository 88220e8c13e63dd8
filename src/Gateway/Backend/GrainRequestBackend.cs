using System.Collections.Immutable;
using Orleans;
using XLLM.Contracts.Grains;
using XLLM.Contracts.Ids;
using XLLM.Contracts.Requests;
using XLLM.Gateway.Streaming;

namespace XLLM.Gateway.Backend;

/// <summary>The house as request grains. The runtime holds observers weakly; the hub lives as long as this does.</summary>
internal sealed class GrainRequestBackend : IRequestBackend
{
    private readonly IGrainFactory _grains;
    private readonly Lazy<ITokenStreamObserver> _observer;

    public GrainRequestBackend(IGrainFactory grains, GatewayTokenHub hub)
    {
        _grains = grains;
        // Made at the first request: references can only be made once the silo runs.
        _observer = new Lazy<ITokenStreamObserver>(
            () => grains.CreateObjectReference<ITokenStreamObserver>(hub), LazyThreadSafetyMode.PublicationOnly);
    }

    public Task<SubmitResult> SubmitAsync(InferenceRequest request) => GrainOf(request.Id).SubmitAsync(request, _observer.Value);

    public Task EndAsync(RequestId request, RequestOutcome outcome) => GrainOf(request).EndAsync(outcome);

    public Task<ImmutableArray<RunStart>> GetStartsAsync(RequestId request) => GrainOf(request).GetStartsAsync();

    public Task SetPausedAsync(RequestId request, bool paused) => GrainOf(request).SetPausedAsync(paused);

    private IRequestGrain GrainOf(RequestId request) => _grains.GetGrain<IRequestGrain>(request.Value);
}
