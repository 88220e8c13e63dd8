using XLLM.Contracts.Fleet;
using XLLM.Contracts.Ids;

namespace XLLM.Engine.Loop;

/// <summary>The numbers of a load report. The engine's thread sets them under the lock, once per turn.</summary>
internal sealed class EngineCounters
{
    private readonly object _lock = new();
    private LoadReport _report;
    private readonly long[] _specAccepted;
    private Numbers _numbers;
    private long _sequence;

    /// <summary>Latencies since the last report.</summary>
    public LatencySamples Latencies { get; } = new();

    /// <param name="descriptor">Of the instance.</param>
    /// <param name="maxDraftTokens">Longest draft; 0 without speculation.</param>
    public EngineCounters(InstanceDescriptor descriptor, int maxDraftTokens)
    {
        _specAccepted = new long[maxDraftTokens];
        _report = new LoadReport
        {
            Instance = descriptor.Id,
            Epoch = descriptor.Epoch,
            TotalBlocks = descriptor.TotalBlocks,
        };
        _numbers.FreeBlocks = descriptor.TotalBlocks;
    }

    /// <summary>Why the engine has given up; null while it works.</summary>
    public string? Fault
    {
        get
        {
            lock (_lock)
            {
                return _report.Fault;
            }
        }

        set
        {
            lock (_lock)
            {
                _report = _report with { Fault = _report.Fault ?? value };
            }
        }
    }

    /// <param name="numbers">As they are now.</param>
    /// <param name="specAccepted">Accepted tokens by place in the draft; copied.</param>
    public void Publish(in Numbers numbers, ReadOnlySpan<long> specAccepted)
    {
        lock (_lock)
        {
            _numbers = numbers;
            specAccepted.CopyTo(_specAccepted);
        }
    }

    /// <summary>A report with those numbers, and what waits outside the engine's thread.</summary>
    public LoadReport Report(int queued, long unseenTokens)
    {
        (LatencyProfile recent, double tokenSeconds, double maxTtft) = Latencies.Take();
        lock (_lock)
        {
            return _report with
            {
                Sequence = ++_sequence,
                Running = _numbers.Running,
                Waiting = _numbers.Preempted + queued,
                FreeBlocks = _numbers.FreeBlocks,
                PendingPrefillTokens = _numbers.PendingPrefillTokens + unseenTokens,
                Steps = _numbers.Steps,
                PromptTokens = _numbers.PromptTokens,
                GeneratedTokens = _numbers.GeneratedTokens,
                PrefixQueryTokens = _numbers.PrefixQueryTokens,
                PrefixHitTokens = _numbers.PrefixHitTokens,
                Preemptions = _numbers.Preemptions,
                Prefilling = _numbers.Prefilling,
                RunningTokens = _numbers.RunningTokens,
                TokenSeconds = tokenSeconds,
                MaxTtftSeconds = maxTtft,
                Recent = recent,
                SpecDrafts = _numbers.SpecDrafts,
                SpecDraftTokens = _numbers.SpecDraftTokens,
                SpecAcceptedTokens = _numbers.SpecAcceptedTokens,
                SpecAcceptedByPosition = [.. _specAccepted],
            };
        }
    }

    /// <summary>What the engine's thread knows after a turn.</summary>
    internal struct Numbers
    {
        public int Running;
        public int Prefilling;
        public long RunningTokens;
        public int Preempted;
        public int FreeBlocks;
        public long PendingPrefillTokens;
        public long Steps;
        public long PromptTokens;
        public long GeneratedTokens;
        public long PrefixQueryTokens;
        public long PrefixHitTokens;
        public long Preemptions;
        public long SpecDrafts;
        public long SpecDraftTokens;
        public long SpecAcceptedTokens;
    }
}
