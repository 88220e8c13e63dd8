using System.Diagnostics.Metrics;
using XLLM.Contracts.Ids;

namespace XLLM.Engine.Transfer.Shared;

/// <summary>
/// Counters of the meter <c>XLLM.Engine</c>, tagged <c>instance</c>: <c>xllm.kv.shared_exchanged</c> (blocks that became this
/// engine's without being copied), <c>xllm.kv.shared_copied</c> (bytes copied from other processes' memory),
/// <c>xllm.kv.shared_reclaimed</c> (blocks taken back from processes that have ended). The same numbers can be read here. Any thread.
/// </summary>
public sealed class SharedKvMetrics(InstanceId instance)
{
    private static readonly Meter Meter = new("XLLM.Engine");
    private static readonly Counter<long> ExchangedBlocks = Meter.CreateCounter<long>("xllm.kv.shared_exchanged");
    private static readonly Counter<long> CopiedBytes = Meter.CreateCounter<long>("xllm.kv.shared_copied", "By");

    private static readonly Counter<long> ReclaimedBlocks = Meter.CreateCounter<long>("xllm.kv.shared_reclaimed");

    private readonly KeyValuePair<string, object?> _tag = new("instance", instance.Value);
    private long _exchanged;
    private long _copied;
    private long _reclaimed;

    /// <summary>Blocks exchanged.</summary>
    public long Exchanged => Volatile.Read(ref _exchanged);

    /// <summary>Bytes copied.</summary>
    public long Copied => Volatile.Read(ref _copied);

    /// <summary>Blocks taken back.</summary>
    public long ReclaimedTotal => Volatile.Read(ref _reclaimed);

    internal void Reclaimed(long blocks)
    {
        Interlocked.Add(ref _reclaimed, blocks);
        ReclaimedBlocks.Add(blocks, _tag);
    }

    internal void Took(long exchangedBlocks, long copiedBytes)
    {
        Interlocked.Add(ref _exchanged, exchangedBlocks);
        Interlocked.Add(ref _copied, copiedBytes);
        ExchangedBlocks.Add(exchangedBlocks, _tag);
        CopiedBytes.Add(copiedBytes, _tag);
    }
}
