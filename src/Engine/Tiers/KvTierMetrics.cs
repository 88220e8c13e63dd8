using System.Diagnostics.Metrics;
using XLLM.Contracts.Ids;
using XLLM.Contracts.Kv;

namespace XLLM.Engine.Tiers;

/// <summary>
/// Instruments of the meter <c>XLLM.Engine</c> about tiers, each tagged <c>instance</c>, where it applies <c>tier</c>: counters
/// <c>xllm.kv.tier_offloaded</c> (blocks copied into it), <c>xllm.kv.tier_prefetched</c> (blocks copied up from it),
/// <c>xllm.kv.tier_evicted</c>, <c>xllm.kv.tier_dropped</c> (blocks not kept because the queue was full),
/// <c>xllm.kv.tier_recomputed</c> (blocks that were there, but cheaper to compute); histogram
/// <c>xllm.kv.tier_prefetch_duration</c> (seconds); gauges <c>xllm.kv.tier_blocks</c>, <c>xllm.kv.tier_queue</c>. Any thread.
/// </summary>
internal sealed class KvTierMetrics : IDisposable
{
    private readonly Meter _meter = new("XLLM.Engine");
    private readonly KeyValuePair<string, object?> _tag;
    private readonly Counter<long> _offloaded;
    private readonly Counter<long> _prefetched;
    private readonly Counter<long> _evicted;
    private readonly Counter<long> _dropped;
    private readonly Counter<long> _recomputed;
    private readonly Histogram<double> _duration;
    private long _drops;

    public KvTierMetrics(InstanceId instance, Func<BlockTier, int> count, Func<int> queued)
    {
        _tag = new("instance", instance.Value);
        _offloaded = _meter.CreateCounter<long>("xllm.kv.tier_offloaded");
        _prefetched = _meter.CreateCounter<long>("xllm.kv.tier_prefetched");
        _evicted = _meter.CreateCounter<long>("xllm.kv.tier_evicted");
        _dropped = _meter.CreateCounter<long>("xllm.kv.tier_dropped");
        _recomputed = _meter.CreateCounter<long>("xllm.kv.tier_recomputed");
        _duration = _meter.CreateHistogram<double>("xllm.kv.tier_prefetch_duration", "s");
        _meter.CreateObservableGauge("xllm.kv.tier_blocks", () => new Measurement<int>[]
        {
            new(count(BlockTier.Host), _tag, Tag(BlockTier.Host)), new(count(BlockTier.Disk), _tag, Tag(BlockTier.Disk)),
        });
        _meter.CreateObservableGauge("xllm.kv.tier_queue", () => new Measurement<int>(queued(), _tag));
    }

    /// <summary>Blocks that were not kept because the queue was full.</summary>
    public long Drops => Volatile.Read(ref _drops);

    public void Offloaded(BlockTier tier) => _offloaded.Add(1, _tag, Tag(tier));

    public void Prefetched(BlockTier tier) => _prefetched.Add(1, _tag, Tag(tier));

    public void Evicted(BlockTier tier) => _evicted.Add(1, _tag, Tag(tier));

    public void Recomputed(int blocks) => _recomputed.Add(blocks, _tag);

    public void Duration(TimeSpan duration) => _duration.Record(duration.TotalSeconds, _tag);

    public void Dropped(int blocks)
    {
        Interlocked.Add(ref _drops, blocks);
        _dropped.Add(blocks, _tag);
    }

    public void Dispose() => _meter.Dispose();

    private static KeyValuePair<string, object?> Tag(BlockTier tier) => new("tier", tier.ToString());
}
