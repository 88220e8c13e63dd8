using System.Diagnostics.Metrics;
using XLLM.Contracts.Ids;
using XLLM.Scheduling.Pages;

namespace XLLM.Engine.Loop;

/// <summary>
/// Instruments of the meter <c>XLLM.Engine</c> on KV pages, each tagged <c>instance</c>: gauge <c>xllm.engine.kv_pages</c> by
/// <c>state</c> (free, allocated, mapped, reusable); counters <c>xllm.engine.kv_maps</c>, <c>xllm.engine.kv_unmaps</c> (system
/// calls), <c>xllm.engine.kv_page_reuses</c>, <c>xllm.engine.kv_ahead_hits</c> (pages that cost a step none),
/// <c>xllm.engine.kv_block_copies</c> (copy-on-write) and <c>xllm.engine.kv_range_fallbacks</c>. Nothing is allocated per record.
/// </summary>
internal sealed class PageMetrics(InstanceId instance)
{
    private static readonly Meter Meter = new(EngineMetrics.MeterName);
    private static readonly Gauge<int> Pages = Meter.CreateGauge<int>("xllm.engine.kv_pages");
    private static readonly Counter<long> Maps = Meter.CreateCounter<long>("xllm.engine.kv_maps");
    private static readonly Counter<long> Unmaps = Meter.CreateCounter<long>("xllm.engine.kv_unmaps");
    private static readonly Counter<long> Reuses = Meter.CreateCounter<long>("xllm.engine.kv_page_reuses");
    private static readonly Counter<long> AheadHits = Meter.CreateCounter<long>("xllm.engine.kv_ahead_hits");
    private static readonly Counter<long> Copies = Meter.CreateCounter<long>("xllm.engine.kv_block_copies");
    private static readonly Counter<long> Fallbacks = Meter.CreateCounter<long>("xllm.engine.kv_range_fallbacks");
    private static readonly KeyValuePair<string, object?> Free = new("state", "free");
    private static readonly KeyValuePair<string, object?> Allocated = new("state", "allocated");
    private static readonly KeyValuePair<string, object?> Mapped = new("state", "mapped");
    private static readonly KeyValuePair<string, object?> Reusable = new("state", "reusable");

    private readonly KeyValuePair<string, object?> _tag = new("instance", instance.Value);
    private PageCounts _last;

    public void Copied(int blocks) => Copies.Add(blocks, _tag);

    /// <summary>Takes over the counts after a plan.</summary>
    public void Record(in PageCounts now)
    {
        if (now == _last)
        {
            return;
        }

        Pages.Record(now.Free, _tag, Free);
        Pages.Record(now.Allocated, _tag, Allocated);
        Pages.Record(now.Mapped, _tag, Mapped);
        Pages.Record(now.Reusable, _tag, Reusable);
        Maps.Add(now.Maps - _last.Maps, _tag);
        Unmaps.Add(now.Unmaps - _last.Unmaps, _tag);
        Reuses.Add(now.Reuses - _last.Reuses, _tag);
        AheadHits.Add(now.AheadHits - _last.AheadHits, _tag);
        Fallbacks.Add(now.Fallbacks - _last.Fallbacks, _tag);
        _last = now;
    }
}
