using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using XLLM.Contracts.Fleet;
using XLLM.Contracts.Ids;
using XLLM.Contracts.Kv;
using XLLM.Contracts.Ports;
using XLLM.Contracts.Requests;
using XLLM.Engine.Execution;
using XLLM.Engine.Speculation;
using XLLM.Engine.Structures;
using XLLM.Engine.Transfer;
using XLLM.Scheduling.Batching;
using XLLM.Scheduling.Blocks;

namespace XLLM.Engine.Loop;

/// <summary>
/// One engine: a model runner and the one thread that uses it. A turn of the thread takes commands, plans a step, runs it,
/// samples, and writes the chunks; without work it sleeps. Owns the runner and disposes it.
/// </summary>
public sealed partial class EngineLoop : IInferenceEngine, IKvRequests
{
    private readonly EngineLoopOptions _options;
    private readonly IModelRunner _runner;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly EngineIntake _intake;
    private readonly OutputQueue _outputs;
    private readonly Channel<EngineCommand> _commands;
    private readonly AutoResetEvent _wake = new(false);
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _auditLock = new();
    private readonly object _eventLock = new();
    private readonly BlockEventLog _events = new();
    private readonly BlockHasher? _hasher;
    private readonly EngineCounters _counters;
    private readonly EngineTurn _turn;
    private readonly Speculator? _speculator;
    private readonly OutputStructures? _structures;
    private readonly GuideWorkers _guideWorkers;
    private readonly GuideMetrics _guideMetrics;
    private readonly KvBlockStore? _store;
    private List<TaskCompletionSource<IReadOnlyList<string>>> _auditors = [];
    private long _unseenTokens;
    private int _disposed;
    private volatile bool _stopping;

    private EngineLoop(
        InstanceId instance, long epoch, IModelRunner runner, EngineLoopOptions options, TimeProvider time, ILogger logger,
        IModelRunner? draft, OutputStructures? structures)
    {
        _options = options;
        _structures = structures;
        _guideWorkers = new GuideWorkers(instance.Value);
        _guideMetrics = new GuideMetrics(instance, logger);
        _runner = runner;
        _time = time;
        _logger = logger;
        int rows = Math.Min(runner.MaxOutputs, Array.MaxLength / Math.Max(1, runner.Model.VocabularySize));
        int tokens = Math.Min(options.MaxBatchTokens, runner.MaxTokens);
        int running = Math.Min(options.MaxRunning, Math.Min(rows, tokens));
        Descriptor = new InstanceDescriptor
        {
            Id = instance,
            Epoch = epoch,
            Model = runner.Model with
            {
                ContextLength = (int)Math.Min(runner.Model.ContextLength, (long)runner.Blocks * runner.BlockTokens),
            },
            Role = options.Role,
            Device = runner.Device,
            BlockTokens = runner.BlockTokens,
            TotalBlocks = runner.Blocks,
            Profile = LatencyProbe.Measure(runner, tokens, running, options.ProfileTime),
            MaxRunning = running,
            MaxWaiting = options.MaxWaiting,
        };
        _hasher = options.PrefixCache ? new BlockHasher(runner.BlockTokens, options.BlockHashSeed) : null;
        _intake = new EngineIntake(Descriptor, options, time);
        _outputs = new OutputQueue(options.UnreadSteps, () => _wake.Set());
        _counters = new EngineCounters(
            Descriptor, options.Speculation.Method == SpeculationMethod.Off ? 0 : options.Speculation.MaxDraftTokens);
        int watermark = (int)(options.WatermarkShare * runner.Blocks);
        BatchLimits limits = new(tokens, rows, running, watermark);
        _speculator = SpeculatorFactory.Create(options.Speculation, Descriptor, limits, draft, time);
        GuestPools? guests = runner.Kv is { Tags: not null, GuestBlocks: > 0 } shared ? new GuestPools(shared, runner.Blocks) : null;
        _turn = new EngineTurn(
            Descriptor, runner, limits, options, _intake, _outputs, guests, _counters.Latencies, _speculator, time, logger, () => _wake.Set());

        _store = _hasher is null ? null : new KvBlockStore(
            runner.Kv, guests, runner.Kv?.Tags is { } tags ? new ExchangeTable(tags.End) : null, _hasher, () => _wake.Set());
        _turn.OnListed = ForgetEvents;

        // Room for a start and a wish of every request there can be; more cannot be under way.
        _commands = Channel.CreateBounded<EngineCommand>(
            new BoundedChannelOptions((2 * (options.MaxWaiting + (2 * running))) + 8) { SingleReader = true });
    }

    public InstanceDescriptor Descriptor { get; }

    public LoadReport Load => _counters.Report(_intake.Queued, Math.Max(0, Volatile.Read(ref _unseenTokens)));

    public ChannelReader<EngineOutput> Outputs => _outputs;

    /// <summary>Its KV blocks for transports and tiers; null without a prefix cache, and where the runner's cannot be reached.</summary>
    public IKvBlockStore? Blocks => _runner.Kv is null ? null : _store;

    /// <summary>
    /// Starts an engine on a loaded model; its thread runs until it is disposed. Throws <see cref="ArgumentException"/> with
    /// all errors of the options. <paramref name="draft"/> is the runner of the draft model where speculation uses one; the
    /// engine owns it too. Without <paramref name="structures"/> requests that want a structure are refused.
    /// </summary>
    public static EngineLoop Start(
        InstanceId instance, long epoch, IModelRunner runner, EngineLoopOptions options, TimeProvider time, ILogger logger,
        IModelRunner? draft = null, OutputStructures? structures = null)
    {
        ArgumentNullException.ThrowIfNull(runner);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(time);
        ArgumentNullException.ThrowIfNull(logger);
        IReadOnlyList<string> errors = options.Validate();
        if (errors.Count > 0)
        {
            throw new ArgumentException(string.Join(Environment.NewLine, errors), nameof(options));
        }

        EngineLoop loop = new(instance, epoch, runner, options, time, logger, draft, structures);
        new Thread(loop.Run) { IsBackground = true, Name = "engine " + instance.Value }.Start();
        return loop;
    }

    public ValueTask<LeaseResult> ReserveAsync(InferenceRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        return ValueTask.FromResult(KeepsStructureOf(request) ? _intake.Reserve(request) : new LeaseResult
        {
            Refusal = RequestOutcome.RejectedInvalid,
            Message = $"{Descriptor.Id} cannot keep the structure of an output: it has no vocabulary.",
        });
    }

    public void Release(RequestId request, long lease) => _intake.Release(request, lease);

    public ValueTask<bool> StartAsync(InferenceRequest request, KvLease lease, CancellationToken cancellationToken = default) =>
        ValueTask.FromResult(TryStart(request, lease, isParked: false));

    public ValueTask<bool> EndAsync(RequestId request, RequestOutcome outcome)
    {
        if (outcome == RequestOutcome.None)
        {
            throw new ArgumentException("A request cannot end with outcome None.", nameof(outcome));
        }

        EngineRequest? found = _intake.Find(request);
        if (found is not null)
        {
            found.WishEnd(outcome);
            PostWish(found);
        }

        return ValueTask.FromResult(found is not null);
    }

    public void SetPaused(RequestId request, bool paused)
    {
        if (_intake.Find(request) is { } found)
        {
            found.WishPause(paused);
            PostWish(found);
        }
    }

    public void Drain() => _intake.Close("it drains");

    public BlockEventBatch TakeBlockEvents()
    {
        lock (_eventLock)
        {
            return _events.Count == 0 ? BlockEventBatch.Empty : new BlockEventBatch(_events.Take());
        }
    }

    public ValueTask<IReadOnlyList<string>> CheckIntegrityAsync()
    {
        TaskCompletionSource<IReadOnlyList<string>> auditor = new(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_auditLock)
        {
            if (_ended.Task.IsCompleted)
            {
                return ValueTask.FromResult(_turn.CheckIntegrity());
            }

            _auditors.Add(auditor);
            if (_auditors.Count == 1)
            {
                Post(new EngineCommand(EngineCommandKind.Audit, null));
            }
        }

        return new ValueTask<IReadOnlyList<string>>(auditor.Task);
    }

    /// <summary>Ends every request with InstanceLost, completes the output, and frees the runner.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
        {
            _intake.Close("it stops");
            _stopping = true;
            _runner.RequestCancel();
            _wake.Set();
            await _ended.Task.ConfigureAwait(false);
            FreeRunner();
            _speculator?.Dispose();
            _guideWorkers.Dispose();
        }

        await _ended.Task.ConfigureAwait(false);
    }

    private bool KeepsStructureOf(InferenceRequest request) => request.Structure is null || _structures is not null;

    private OutputGuide? GuideOf(InferenceRequest request) => request.Structure is null
        ? null
        : new OutputGuide(request, _structures!, _guideWorkers, _guideMetrics, () => _wake.Set());

    private void PostWish(EngineRequest request)
    {
        if (request.TryPost())
        {
            Post(new EngineCommand(EngineCommandKind.Wish, request));
        }
    }

    private void Post(EngineCommand command)
    {
        if (!_commands.Writer.TryWrite(command))
        {
            throw new InvalidOperationException("The engine's command queue is full, which its bounds should not allow.");
        }

        _wake.Set();
    }
}
