using System.Diagnostics.Metrics;
using System.Globalization;
using XLLM.Contracts.Ids;
using XLLM.Engine.Loop;

namespace XLLM.Engine.Speculation;

/// <summary>
/// Instruments of the meter <c>XLLM.Engine</c>, each tagged <c>instance</c>, named as in vLLM: counters
/// <c>xllm.engine.spec_decode_num_drafts</c>, <c>..._num_draft_tokens</c>, <c>..._num_accepted_tokens</c> and
/// <c>..._num_accepted_tokens_per_pos</c> (tagged <c>position</c>, from 0); histogram <c>xllm.engine.spec_decode_draft_duration</c>
/// (seconds that proposing took in a step). Nothing is allocated per record.
/// </summary>
internal sealed class SpeculationMetrics
{
    private static readonly Meter Meter = new(EngineMetrics.MeterName);
    private static readonly Counter<long> Drafts = Meter.CreateCounter<long>("xllm.engine.spec_decode_num_drafts");
    private static readonly Counter<long> DraftTokens = Meter.CreateCounter<long>("xllm.engine.spec_decode_num_draft_tokens");
    private static readonly Counter<long> Accepted = Meter.CreateCounter<long>("xllm.engine.spec_decode_num_accepted_tokens");
    private static readonly Counter<long> AcceptedAt =
        Meter.CreateCounter<long>("xllm.engine.spec_decode_num_accepted_tokens_per_pos");

    private static readonly Histogram<double> Duration =
        Meter.CreateHistogram<double>("xllm.engine.spec_decode_draft_duration", "s");

    private readonly KeyValuePair<string, object?> _tag;
    private readonly KeyValuePair<string, object?>[] _positions;

    public SpeculationMetrics(InstanceId instance, int maxDraftTokens)
    {
        _tag = new("instance", instance.Value);
        _positions = [.. Enumerable.Range(0, maxDraftTokens).Select(i =>
            new KeyValuePair<string, object?>("position", i.ToString(CultureInfo.InvariantCulture)))];
    }

    /// <summary>A draft was verified.</summary>
    public void Verified(int drafted, int accepted)
    {
        Drafts.Add(1, _tag);
        DraftTokens.Add(drafted, _tag);
        Accepted.Add(accepted, _tag);
        for (int i = 0; i < accepted; i++)
        {
            AcceptedAt.Add(1, _tag, _positions[i]);
        }
    }

    public void Proposed(double seconds) => Duration.Record(seconds, _tag);
}
