using System.Threading.Channels;
using XLLM.Contracts.Fleet;
using XLLM.Contracts.Ids;
using XLLM.Contracts.Kv;
using XLLM.Contracts.Ports;
using XLLM.Contracts.Requests;

namespace XLLM.Testing.Cluster;

/// <summary>An engine whose reserves wait for the test.</summary>
internal sealed class HeldEngine(IInferenceEngine inner, Func<Task> onReserve) : IInferenceEngine
{
    public InstanceDescriptor Descriptor => inner.Descriptor;

    public LoadReport Load => inner.Load;

    public ChannelReader<EngineOutput> Outputs => inner.Outputs;

    public async ValueTask<LeaseResult> ReserveAsync(InferenceRequest request, CancellationToken cancellationToken = default)
    {
        await onReserve();
        return await inner.ReserveAsync(request, cancellationToken);
    }

    public ValueTask<bool> PrefillForAsync(InferenceRequest request, KvLease lease, CancellationToken cancellationToken = default) =>
        inner.PrefillForAsync(request, lease, cancellationToken);

    public void Release(RequestId request, long lease) => inner.Release(request, lease);

    public ValueTask<bool> StartAsync(InferenceRequest request, KvLease lease, CancellationToken cancellationToken = default) =>
        inner.StartAsync(request, lease, cancellationToken);

    public ValueTask<bool> EndAsync(RequestId request, RequestOutcome outcome) => inner.EndAsync(request, outcome);

    public void SetPaused(RequestId request, bool paused) => inner.SetPaused(request, paused);

    public void Drain() => inner.Drain();

    public BlockEventBatch TakeBlockEvents() => inner.TakeBlockEvents();

    public ValueTask<BlockEventBatch> ListBlocksAsync(CancellationToken cancellationToken = default) =>
        inner.ListBlocksAsync(cancellationToken);

    public ValueTask<IReadOnlyList<string>> CheckIntegrityAsync() => inner.CheckIntegrityAsync();

    public ValueTask DisposeAsync() => inner.DisposeAsync();
}
