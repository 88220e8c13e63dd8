using XLLM.Contracts.Ids;
using XLLM.Contracts.Kv;
using XLLM.Contracts.Ports;
using XLLM.Contracts.Requests;

namespace XLLM.Engine.Transfer;

/// <summary>Requests of an engine whose KV comes from elsewhere or goes elsewhere. Any thread; seen at the next step.</summary>
public interface IKvRequests
{
    /// <summary>
    /// As <see cref="IInferenceEngine.StartAsync"/>, but the request is parked: it has its place in the queue, can be ended, and
    /// takes part in no step until <see cref="Unpark"/>.
    /// </summary>
    ValueTask<bool> StartParkedAsync(InferenceRequest request, KvLease lease, CancellationToken cancellationToken = default);

    /// <summary>
    /// Lets a parked request go on; its prefix is looked up when it joins a batch, so it finds what was stored meanwhile. One
    /// that is unknown or not parked stays as it is. Of what it finds at most <paramref name="cachedTokens"/> count as cached:
    /// the rest was computed elsewhere for this request.
    /// </summary>
    void Unpark(RequestId request, int cachedTokens = int.MaxValue);

    /// <summary>
    /// Computes the full blocks of the request's prompt in the batch like any other prompt; samples nothing and writes no chunk.
    /// Null = it takes nothing new, or the request can never fit. The caller disposes what it gets.
    /// </summary>
    ValueTask<IKvPrefill?> PrefillAsync(InferenceRequest request, CancellationToken cancellationToken = default);
}
