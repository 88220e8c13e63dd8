using System.Diagnostics.Metrics;
using XLLM.Contracts.Ids;
using XLLM.Engine.Execution;

namespace XLLM.Engine.Loop;

/// <summary>
/// Instruments of the meter <c>XLLM.Engine</c>, each tagged <c>instance</c>: counters <c>xllm.engine.steps</c>,
/// <c>xllm.engine.step_failures</c>, <c>xllm.engine.preemptions</c>, <c>xllm.engine.prompt_tokens</c>,
/// <c>xllm.engine.generated_tokens</c>, <c>xllm.engine.forks</c> (samples that took a computed prompt over); histograms
/// <c>xllm.engine.batch_tokens</c>, <c>xllm.engine.batch_sequences</c>,
/// <c>xllm.engine.step_duration</c> (the runner's call, seconds), <c>xllm.engine.sample_duration</c> (drawing a step's tokens,
/// seconds) and <c>xllm.engine.step_gap</c> (from a step's tokens to the next step's call while there is work: the time in which
/// the device computes nothing, seconds). Counters
/// <c>xllm.engine.graph_records</c>, <c>xllm.engine.graph_evictions</c> and <c>xllm.engine.graph_steps</c> (tagged <c>mode</c>:
/// full, piecewise, eager). On KV from and for elsewhere: gauge <c>xllm.engine.kv_held_blocks</c> (held by transports and tiers),
/// counters <c>xllm.engine.kv_stored_blocks</c> (blocks given to the cache), <c>xllm.engine.kv_exchanged_blocks</c> (given to another
/// engine of the machine, uncopied, for as many of its own) and <c>xllm.engine.kv_late</c> (requests that went on
/// without theirs). Nothing is allocated per record.
/// </summary>
internal sealed class EngineMetrics(InstanceId instance)
{
    public const string MeterName = "XLLM.Engine";

    /// <summary>Name of the histogram of idle time between steps.</summary>
    public const string GapName = "xllm.engine.step_gap";

    private static readonly Meter Meter = new(MeterName);
    private static readonly Counter<long> Steps = Meter.CreateCounter<long>("xllm.engine.steps");
    private static readonly Counter<long> StepFailures = Meter.CreateCounter<long>("xllm.engine.step_failures");
    private static readonly Counter<long> Preemptions = Meter.CreateCounter<long>("xllm.engine.preemptions");
    private static readonly Counter<long> Prompt = Meter.CreateCounter<long>("xllm.engine.prompt_tokens");
    private static readonly Counter<long> Generated = Meter.CreateCounter<long>("xllm.engine.generated_tokens");
    private static readonly Counter<long> Embeddings = Meter.CreateCounter<long>("xllm.engine.embeddings");
    private static readonly Counter<long> Forks = Meter.CreateCounter<long>("xllm.engine.forks");
    private static readonly Histogram<int> BatchTokens = Meter.CreateHistogram<int>("xllm.engine.batch_tokens");
    private static readonly Histogram<int> BatchSequences = Meter.CreateHistogram<int>("xllm.engine.batch_sequences");
    private static readonly Histogram<double> Duration = Meter.CreateHistogram<double>("xllm.engine.step_duration", "s");

    private static readonly Histogram<double> Sampling = Meter.CreateHistogram<double>("xllm.engine.sample_duration", "s");
    private static readonly Histogram<double> Gap = Meter.CreateHistogram<double>(GapName, "s");
    private static readonly Counter<long> Graphs = Meter.CreateCounter<long>("xllm.engine.graph_records");
    private static readonly Counter<long> Evictions = Meter.CreateCounter<long>("xllm.engine.graph_evictions");
    private static readonly Gauge<int> HeldBlocks = Meter.CreateGauge<int>("xllm.engine.kv_held_blocks");
    private static readonly Counter<long> StoredBlocks = Meter.CreateCounter<long>("xllm.engine.kv_stored_blocks");
    private static readonly Counter<long> ExchangedBlocks = Meter.CreateCounter<long>("xllm.engine.kv_exchanged_blocks");
    private static readonly Counter<long> LateUnparkings = Meter.CreateCounter<long>("xllm.engine.kv_late");
    private static readonly Counter<long> Dispatched = Meter.CreateCounter<long>("xllm.engine.graph_steps");

    private readonly KeyValuePair<string, object?> _tag = new("instance", instance.Value);
    private StepGraphCounts _graphs;

    public void Step(int tokens, int sequences, double seconds)
    {
        Steps.Add(1, _tag);
        BatchTokens.Record(tokens, _tag);
        BatchSequences.Record(sequences, _tag);
        Duration.Record(seconds, _tag);
    }

    public void Sampled(double seconds) => Sampling.Record(seconds, _tag);

    public void StepGap(double seconds) => Gap.Record(seconds, _tag);

    /// <summary>Adds what a runner's graphs have counted since the last call; nothing after a failed step (zeros).</summary>
    public void GraphsCounted(in StepGraphCounts now)
    {
        if (now == default)
        {
            return;
        }

        Add(Graphs, now.Records - _graphs.Records);
        Add(Evictions, now.Evictions - _graphs.Evictions);
        Add(Dispatched, now.FullSteps - _graphs.FullSteps, "full");
        Add(Dispatched, now.PiecewiseSteps - _graphs.PiecewiseSteps, "piecewise");
        Add(Dispatched, now.EagerSteps - _graphs.EagerSteps, "eager");
        _graphs = now;
    }

    public void StepFailed() => StepFailures.Add(1, _tag);

    public void Preempted() => Preemptions.Add(1, _tag);

    public void Held(int blocks) => HeldBlocks.Record(blocks, _tag);

    public void Stored(int blocks) => StoredBlocks.Add(blocks, _tag);

    public void Exchanged(int blocks) => ExchangedBlocks.Add(blocks, _tag);

    public void UnparkedLate() => LateUnparkings.Add(1, _tag);

    public void Pooled() => Embeddings.Add(1, _tag);

    public void Forked() => Forks.Add(1, _tag);

    public void PromptComputed(int tokens) => Prompt.Add(tokens, _tag);

    public void TokenGenerated() => Generated.Add(1, _tag);

    private void Add(Counter<long> counter, long more)
    {
        if (more > 0)
        {
            counter.Add(more, _tag);
        }
    }

    private void Add(Counter<long> counter, long more, string mode)
    {
        if (more > 0)
        {
            counter.Add(more, _tag, new KeyValuePair<string, object?>("mode", mode));
        }
    }
}
