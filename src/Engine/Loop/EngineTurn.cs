using Microsoft.Extensions.Logging;
using XLLM.Contracts.Fleet;
using XLLM.Contracts.Requests;
using XLLM.Engine.Execution;
using XLLM.Engine.Sampling;
using XLLM.Engine.Speculation;
using XLLM.Engine.Transfer;
using XLLM.Scheduling.Batching;
using XLLM.Scheduling.Blocks;

namespace XLLM.Engine.Loop;

/// <summary>
/// What the engine's thread does in one turn: commit the step that is done, see that one runs, plan the one after it. With
/// asynchronous scheduling steps run on a <see cref="StepDevice"/>; without it, and where a step's outcome cannot be foreseen,
/// they run here, one after the other. All of it belongs to the engine's thread.
/// </summary>
internal sealed partial class EngineTurn : IDisposable
{
    // Longer block lists make room for themselves when they come.
    private const int MaxRoomInBlocks = 1_024;

    private readonly InstanceDescriptor _descriptor;
    private readonly EngineLoopOptions _options;
    private readonly EngineIntake _intake;
    private readonly OutputQueue _outputs;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly BlockPool _pool;
    private readonly StepMemory _memory;
    private readonly HeldBlocks _held;
    private readonly LayerWatch _watch;
    private readonly BatchPlanner _planner;
    private readonly StepExecutor _executor;
    private readonly Sampler _forkSampler;
    private readonly StepDevice? _device;
    private readonly ChunkList _chunks;
    private readonly EngineMetrics _metrics;
    private readonly LatencySamples _latencies;
    private readonly Speculator? _speculator;
    private readonly StepPlan _plan = new();
    private readonly StepFrame[] _frames = new StepFrame[3];
    private readonly int _layers;
    private EngineCounters.Numbers _numbers;
    private StepFrame? _running;
    private StepFrame? _queued;
    private int _nextFrame;
    private long _tickets;
    private int _failures;
    private long _lastEnded;
    private long _lastSampled;

    /// <param name="onDone">Called on any thread when a step is done that runs elsewhere.</param>
    public EngineTurn(
        InstanceDescriptor descriptor, IModelRunner runner, BatchLimits limits, EngineLoopOptions options,
        EngineIntake intake, OutputQueue outputs, GuestPools? guests, LatencySamples latencies, Speculator? speculator, TimeProvider time,
        ILogger logger, Action onDone)
    {
        _descriptor = descriptor;
        _options = options;
        _intake = intake;
        _outputs = outputs;
        _latencies = latencies;
        _speculator = speculator;
        _time = time;
        _logger = logger;
        _memory = new StepMemory(runner, new PageMetrics(descriptor.Id));
        runner.Kv?.Tags?.Open(descriptor.Id, descriptor.Epoch, runner.Kv.Layout);
        _pool = new BlockPool(runner.Blocks, runner.BlockTokens, _memory.Pages, guests is null ? 0 : runner.Kv!.GuestBlocks)
        {
            Tags = guests as IBlockTags ?? runner.Kv?.Tags,
        };
        _held = new HeldBlocks(_pool, limits.WatermarkBlocks);
        _planner = new BatchPlanner(_pool, limits, BatchPolicies.Find(options.Policy)!);
        _executor = new StepExecutor(runner, _memory, options.MaskWait, time);
        _watch = new LayerWatch(runner, "layers of " + descriptor.Id.Value);
        _layers = runner.Kv?.Layout.Layers ?? 1;
        _forkSampler = new Sampler(runner.Model.VocabularySize);
        _chunks = new ChunkList(outputs);
        _metrics = new EngineMetrics(descriptor.Id);
        int roomInBlocks = Math.Min(MaxRoomInBlocks, _pool.BlocksFor(descriptor.Model.ContextLength));
        for (int i = 0; i < _frames.Length; i++)
        {
            _frames[i] = new StepFrame(limits.MaxTokens, limits.MaxRunning, roomInBlocks);
        }

        _device = options.AsyncScheduling ? new StepDevice(_executor, "device of " + descriptor.Id.Value, onDone) : null;
    }

    /// <summary>Gains and losses of the prefix cache that were not moved on yet.</summary>
    public BlockEventLog Events => _pool.Events;

    /// <summary>Why the engine cannot go on; null while it can.</summary>
    public string? Fault { get; private set; }

    public long Steps => _numbers.Steps;

    /// <summary>A step is running or waits to be committed.</summary>
    public bool IsRunning => _running is not null;

    /// <summary>Earliest moment at which something happens without a command.</summary>
    public DateTimeOffset? NextDeadline() => Earliest(_planner.NextDeadline(), NextUnparking());

    public void Start(EngineRequest request)
    {
        if (request.Stage == SequenceStage.Ended || TryPrefillFromCache(request))
        {
            return;
        }

        Park(request);
        request.Guide?.Begin();
        AwaitGuide(request);
        _planner.Enqueue(request);
        Wish(request);
    }

    /// <summary>Carries out what was wished for the request from outside.</summary>
    public void Wish(EngineRequest request)
    {
        request.Paused = request.PauseWish || request.IsParked || request.AwaitsGuide;
        if (request.EndWish != RequestOutcome.None)
        {
            End(request, request.EndWish);
        }
    }

    /// <summary>
    /// Gives the request its outcome, unless it has one. Its blocks are available at once: the step that runs may still use
    /// them, but those who get them do so after it.
    /// </summary>
    public void End(
        EngineRequest request, RequestOutcome outcome, GeneratedToken? token = null, int? stopToken = null, string? error = null)
    {
        if (request.IsFinished)
        {
            return;
        }

        request.IsFinished = true;
        _planner.End(request);
        _speculator?.End(request);
        _intake.Finish(request, wasQueued: !request.Admitted);
        _parked.Remove(request);
        _guided.Remove(request);
        if (request.Prefill is { } prefill)
        {
            prefill.End(outcome, error);
        }
        else
        {
            _chunks.AddEnd(request, outcome, token, stopToken, error);
        }

        LogFinished(_logger, request.Request.Id.Value, outcome, request.PromptLength, request.Accepted);
    }

    /// <summary>Writes chunks made outside a step.</summary>
    public void Flush() => _chunks.Flush(_numbers.Steps);

    /// <summary>
    /// Goes on as far as it can without waiting. <paramref name="changed"/>: requests came or were changed since the last turn,
    /// so that what is planned ahead is planned anew. False = there was nothing to do; a command or the end of the running step
    /// is to be waited for.
    /// </summary>
    public bool Advance(bool changed, Func<bool> stopping)
    {
        if (UnparkOverdue() | TakeGuides() || changed)
        {
            Unqueue();
        }

        if (_running is null)
        {
            return TryLaunch();
        }

        bool isDone = _running.IsDone;
        if (isDone)
        {
            Finish(_running, stopping);
        }

        if (_running is { } running && !stopping())
        {
            TryQueue(running);
        }

        return isDone;
    }

    /// <summary>The numbers after this turn.</summary>
    public EngineCounters.Numbers Numbers()
    {
        CountRunning();
        _numbers.Preempted = _planner.PreemptedCount;
        _numbers.FreeBlocks = _pool.Available;
        _numbers.PendingPrefillTokens = _planner.PendingPrefillTokens();
        _numbers.PrefixQueryTokens = _planner.PrefixQueryTokens;
        _numbers.PrefixHitTokens = _planner.PrefixHitTokens;
        _numbers.Preemptions = _planner.Preemptions;
        _speculator?.Count(ref _numbers);
        return _numbers;
    }

    /// <summary>Accepted tokens by place in the draft.</summary>
    public ReadOnlySpan<long> SpecAccepted => _speculator is null ? [] : _speculator.AcceptedByPosition;

    public IReadOnlyList<string> CheckIntegrity() =>
        [.. _planner.CheckIntegrity(_held.Tables), .. _held.CheckIntegrity(), .. _intake.CheckIntegrity(), .. _speculator?.CheckIntegrity() ?? []];

    /// <summary>Ends everything alive with the same outcome.</summary>
    public void EndAll(RequestOutcome outcome, string error)
    {
        foreach (EngineRequest request in _intake.Snapshot())
        {
            End(request, outcome, error: error);
        }

        Flush();
    }

    /// <summary>Returns when nothing runs any more; what a step has computed is not looked at.</summary>
    public void Dispose()
    {
        _device?.Dispose();
        _watch.Dispose();
    }
}
