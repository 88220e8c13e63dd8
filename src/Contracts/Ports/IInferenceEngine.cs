using System.Threading.Channels;
using XLLM.Contracts.Fleet;
using XLLM.Contracts.Ids;
using XLLM.Contracts.Kv;
using XLLM.Contracts.Requests;

namespace XLLM.Contracts.Ports;

/// <summary>
/// One engine: one device with its dedicated thread. Implemented in Engine, used by Grains. All methods may be called from
/// any thread and never wait for the device; they are commands in a bounded queue, seen at the next step.
/// </summary>
public interface IInferenceEngine : IAsyncDisposable
{
    InstanceDescriptor Descriptor { get; }

    /// <summary>
    /// Promises room for a request: a place in the queue and, where a prompt is computed elsewhere, blocks. Refuses with
    /// RejectedCapacity (queue full), RejectedTooLong (can never fit the pool) or NoInstance (draining, faulted).
    /// </summary>
    ValueTask<LeaseResult> ReserveAsync(InferenceRequest request, CancellationToken cancellationToken = default);

    /// <summary>
    /// Computes the full blocks of the request's prompt and pushes them to the lease's endpoint while it computes; samples
    /// nothing and writes no chunk. False = this engine cannot reach the endpoint. Failures are told to the receiver, which
    /// computes what did not come.
    /// </summary>
    ValueTask<bool> PrefillForAsync(InferenceRequest request, KvLease lease, CancellationToken cancellationToken = default) =>
        ValueTask.FromResult(false);

    /// <summary>Gives back an unused lease.</summary>
    void Release(RequestId request, long lease);

    /// <summary>
    /// Starts a request on a lease; with <see cref="InferenceRequest.KvFrom"/> after its KV has come, or did not come in time.
    /// False = the lease is stale or unknown. After true, chunks end with an outcome.
    /// </summary>
    ValueTask<bool> StartAsync(InferenceRequest request, KvLease lease, CancellationToken cancellationToken = default);

    /// <summary>Ends a request early; its last chunk carries the outcome. Blocks are free within one step. False = unknown.</summary>
    ValueTask<bool> EndAsync(RequestId request, RequestOutcome outcome);

    /// <summary>Stops or resumes decoding a request; its blocks stay unless nothing else is left that could let others run.</summary>
    void SetPaused(RequestId request, bool paused);

    /// <summary>Takes nothing new from now on.</summary>
    void Drain();

    LoadReport Load { get; }

    /// <summary>One element per engine step that made chunks, in order. One reader. Bounded: an unread one pauses requests.</summary>
    ChannelReader<EngineOutput> Outputs { get; }

    /// <summary>Gains and losses of the prefix cache since the last call. One caller.</summary>
    BlockEventBatch TakeBlockEvents();

    /// <summary>Everything the prefix cache and its tiers hold now, as gains; for an owner that has lost its memory.</summary>
    ValueTask<BlockEventBatch> ListBlocksAsync(CancellationToken cancellationToken = default) =>
        ValueTask.FromResult(BlockEventBatch.Empty);

    /// <summary>Audits block pool, prefix index and lease table between two steps. Empty = sound.</summary>
    ValueTask<IReadOnlyList<string>> CheckIntegrityAsync();
}
