using XLLM.Contracts.Kv;

namespace XLLM.Engine.Transfer;

/// <summary>
/// A way for KV to get from one engine to another. It states what it is, so that the best one both sides have is used. Any
/// thread.
/// </summary>
public interface IKvTransport : IAsyncDisposable
{
    /// <summary>What it is; one flag.</summary>
    KvCapabilities Capability { get; }

    /// <summary>Adds what others need to know to reach this engine in this way.</summary>
    KvEndpoint Advertise(KvEndpoint endpoint);

    /// <summary>Whether an instance there can be reached in this way.</summary>
    bool CanReach(KvEndpoint endpoint);

    /// <summary>
    /// Begins to push the chain's blocks to an instance that gave a lease for them. Throws <see cref="KvTransferException"/> when
    /// the instance cannot be reached or refuses.
    /// </summary>
    ValueTask<IKvPush> OpenPushAsync(
        KvEndpoint endpoint, KvLease lease, KvChain chain, CancellationToken cancellationToken = default);

    /// <summary>
    /// Brings leading blocks of the chain that an instance has into this engine's prefix cache. The answer holds what the cache
    /// has afterwards, which is what it had before when nothing came.
    /// </summary>
    ValueTask<KvArrival> FetchAsync(KvEndpoint endpoint, KvChain chain, CancellationToken cancellationToken = default);
}
