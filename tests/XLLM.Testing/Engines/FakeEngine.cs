using System.Collections.Immutable;
using System.Threading.Channels;
using XLLM.Contracts.Fleet;
using XLLM.Contracts.Ids;
using XLLM.Contracts.Kv;
using XLLM.Contracts.Ports;
using XLLM.Contracts.Requests;

namespace XLLM.Testing.Engines;

/// <summary>
/// An engine without a model whose every move a test can script: hold a reserve or a start, refuse, emit chosen tokens, fail.
/// Its integrity check fails while a lease or a request is left over. Any thread.
/// </summary>
public sealed class FakeEngine : IInferenceEngine
{
    private readonly FakeEngineOptions _options;
    private readonly Lock _gate = new();
    private readonly Dictionary<RequestId, KvLease> _leases = [];
    private readonly Dictionary<RequestId, FakeRun> _running = [];
    private readonly List<BlockEvent> _blockEvents = [];
    private readonly List<BlockEvent> _stored = [];
    private readonly Channel<InferenceRequest> _prefills = Channel.CreateUnbounded<InferenceRequest>();
    private readonly Channel<EngineOutput> _outputs = Channel.CreateUnbounded<EngineOutput>();
    private readonly Channel<InferenceRequest> _started = Channel.CreateUnbounded<InferenceRequest>();
    private readonly Channel<(RequestId Request, bool Paused)> _pauses = Channel.CreateUnbounded<(RequestId, bool)>();
    private readonly TaskCompletionSource _drained = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TaskCompletionSource? _empty;
    private string? _fault;
    private bool _draining;
    private long _lease;
    private long _step;

    public FakeEngine(InstanceId instance, long epoch, FakeEngineOptions options)
    {
        _options = options;
        Descriptor = new InstanceDescriptor
        {
            Id = instance,
            Epoch = epoch,
            Model = new ModelCard
            {
                Name = options.Model, Family = "fake", Path = "", ContextLength = 4096, VocabularySize = 1000,
            },
            Role = options.Role,
            Profile = options.Profile,
            Device = "fake",
            BlockTokens = 16,
            TotalBlocks = 1024,
            MaxRunning = options.Capacity,
            MaxWaiting = options.Capacity,
            Kv = !options.HasKvEndpoint ? null : new KvEndpoint
            {
                Instance = instance, Epoch = epoch, Host = "localhost", Port = options.KvPort, Capabilities = KvCapabilities.Tcp, Layout = "fake",
            },
        };
    }

    public InstanceDescriptor Descriptor { get; }

    /// <summary>Waited for by every reserve before it answers.</summary>
    public Func<InferenceRequest, Task> OnReserve { get; set; } = _ => Task.CompletedTask;

    /// <summary>Waited for by every start before it answers; may throw.</summary>
    public Func<InferenceRequest, Task> OnStart { get; set; } = _ => Task.CompletedTask;

    /// <summary>Refuses every reserve so.</summary>
    public LeaseResult? Refusal { get; set; }

    /// <summary>Every start finds its lease stale.</summary>
    public bool LeasesGoStale { get; set; }

    /// <summary>Requests in the order they started.</summary>
    public ChannelReader<InferenceRequest> Started => _started.Reader;

    /// <summary>Requests whose prompts were to be computed for other instances.</summary>
    public ChannelReader<InferenceRequest> Prefills => _prefills.Reader;

    /// <summary>Waited for by every prefill for another instance; may throw.</summary>
    public Func<InferenceRequest, Task> OnPrefill { get; set; } = _ => Task.CompletedTask;

    /// <summary>Pauses in the order they came.</summary>
    public ChannelReader<(RequestId Request, bool Paused)> Pauses => _pauses.Reader;

    /// <summary>Completes when the engine was told to drain.</summary>
    public Task DrainAsked => _drained.Task;

    public ChannelReader<EngineOutput> Outputs => _outputs.Reader;

    /// <summary>Ends are not heard, as by a process that was paused.</summary>
    public bool IgnoresEnds { get; set; }

    /// <summary>While set, whoever asks for the load waits on it: the instance reports nothing, as a process that was paused.</summary>
    public Task Silence { get; set; } = Task.CompletedTask;

    public LoadReport Load
    {
        get
        {
            Silence.GetAwaiter().GetResult();
            lock (_gate)
            {
                return new LoadReport
                {
                    Instance = Descriptor.Id,
                    Epoch = Descriptor.Epoch,
                    Running = _running.Count,
                    Waiting = _leases.Count,
                    FreeBlocks = Descriptor.TotalBlocks,
                    TotalBlocks = Descriptor.TotalBlocks,
                    Steps = _step,
                    Fault = _fault,
                };
            }
        }
    }

    /// <summary>The token that an automatic answer has at this index.</summary>
    public static int TokenAt(InferenceRequest request, int index) =>
        (int)((uint)(request.PromptTokens.Sum() * 31 + index * 7) % 1000);

    public async ValueTask<LeaseResult> ReserveAsync(InferenceRequest request, CancellationToken cancellationToken = default)
    {
        await OnReserve(request);
        lock (_gate)
        {
            if (Refusal is { } refusal)
            {
                return refusal;
            }

            if (_draining || _fault is not null)
            {
                return new LeaseResult { Refusal = RequestOutcome.NoInstance, Message = "draining or faulted" };
            }

            if (_running.ContainsKey(request.Id))
            {
                return new LeaseResult { Refusal = RequestOutcome.NoInstance, Message = $"{request.Id} runs here still." };
            }

            if (!_leases.ContainsKey(request.Id) && _leases.Count + _running.Count >= _options.Capacity)
            {
                return new LeaseResult
                {
                    Refusal = RequestOutcome.RejectedCapacity, Message = "The queue is full.", RetryAfter = _options.RetryAfter,
                };
            }

            var lease = new KvLease
            {
                Id = ++_lease, Request = request.Id, Instance = Descriptor.Id, Epoch = Descriptor.Epoch, Endpoint = Descriptor.Kv,
            };
            _leases[request.Id] = lease;
            return new LeaseResult { Lease = lease };
        }
    }

    public async ValueTask<bool> PrefillForAsync(
        InferenceRequest request, KvLease lease, CancellationToken cancellationToken = default)
    {
        await OnPrefill(request);
        return Descriptor.Kv is not null && lease.Endpoint is not null && _prefills.Writer.TryWrite(request);
    }

    public void Release(RequestId request, long lease)
    {
        lock (_gate)
        {
            if (_leases.TryGetValue(request, out KvLease? known) && known.Id == lease)
            {
                _leases.Remove(request);
            }
        }

        SignalWhenEmpty();
    }

    public async ValueTask<bool> StartAsync(
        InferenceRequest request, KvLease lease, CancellationToken cancellationToken = default)
    {
        await OnStart(request);
        lock (_gate)
        {
            if (LeasesGoStale || !_leases.TryGetValue(request.Id, out KvLease? known) || known.Id != lease.Id)
            {
                _leases.Remove(request.Id);
                return false;
            }

            _leases.Remove(request.Id);
            _running.Add(request.Id, new FakeRun(request));
            if (_options.Automatic)
            {
                for (int i = request.Resumed.Length; i < request.Stop.MaxTokens; i++)
                {
                    bool last = i == request.Stop.MaxTokens - 1;
                    Write([MakeChunk(request.Id, [TokenAt(request, i)], last ? RequestOutcome.CompletedLength : RequestOutcome.None)]);
                }
            }
        }

        _started.Writer.TryWrite(request);
        SignalWhenEmpty();
        return true;
    }

    public ValueTask<bool> EndAsync(RequestId request, RequestOutcome outcome)
    {
        bool known;
        lock (_gate)
        {
            known = !IgnoresEnds && _running.ContainsKey(request);
            if (known)
            {
                Write([MakeChunk(request, [], outcome)]);
            }
        }

        SignalWhenEmpty();
        return ValueTask.FromResult(known);
    }

    public void SetPaused(RequestId request, bool paused) => _pauses.Writer.TryWrite((request, paused));

    public void Drain()
    {
        lock (_gate)
        {
            _draining = true;
        }

        _drained.TrySetResult();
    }

    /// <summary>One step that makes these tokens for each of the requests.</summary>
    public void Emit(params (RequestId Request, int[] Tokens)[] step)
    {
        lock (_gate)
        {
            Write([.. step.Select(x => MakeChunk(x.Request, x.Tokens, RequestOutcome.None))]);
        }
    }

    /// <summary>One step in which the request ends.</summary>
    public void Finish(RequestId request, RequestOutcome outcome, params int[] tokens)
    {
        lock (_gate)
        {
            Write([MakeChunk(request, tokens, outcome)]);
        }

        SignalWhenEmpty();
    }

    /// <summary>The engine's thread dies: outputs end with an error, requests get no last chunk.</summary>
    public void Fail(string fault)
    {
        lock (_gate)
        {
            _fault = fault;
            _running.Clear();
            _outputs.Writer.TryComplete(new InvalidOperationException(fault));
        }

        SignalWhenEmpty();
    }

    /// <summary>The prefix cache gained these blocks of one chain.</summary>
    public void Store(params BlockHash[] chain)
    {
        lock (_gate)
        {
            _blockEvents.AddRange(chain.Select(x => new BlockEvent(chain[0], x, true)));
            _stored.AddRange(chain.Select(x => new BlockEvent(chain[0], x, true)));
        }
    }

    public BlockEventBatch TakeBlockEvents()
    {
        lock (_gate)
        {
            var batch = new BlockEventBatch([.. _blockEvents]);
            _blockEvents.Clear();
            return batch;
        }
    }

    public ValueTask<BlockEventBatch> ListBlocksAsync(CancellationToken cancellationToken = default)
    {
        lock (_gate)
        {
            return ValueTask.FromResult(new BlockEventBatch([.. _stored]));
        }
    }

    /// <summary>Completes when neither a lease nor a request is left.</summary>
    public Task WhenEmptyAsync()
    {
        Task empty;
        lock (_gate)
        {
            _empty ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            empty = _empty.Task;
        }

        SignalWhenEmpty();
        return empty;
    }

    public ValueTask<IReadOnlyList<string>> CheckIntegrityAsync()
    {
        lock (_gate)
        {
            return ValueTask.FromResult<IReadOnlyList<string>>(
            [
                .. _leases.Select(x => $"{Descriptor.Id}: lease {x.Value.Id} of {x.Key} is left over"),
                .. _running.Keys.Select(x => $"{Descriptor.Id}: request {x} is left over"),
            ]);
        }
    }

    public ValueTask DisposeAsync()
    {
        _outputs.Writer.TryComplete();
        return ValueTask.CompletedTask;
    }

    private TokenChunk MakeChunk(RequestId request, int[] tokens, RequestOutcome outcome)
    {
        if (!_running.TryGetValue(request, out FakeRun? run))
        {
            throw new InvalidOperationException($"{request} does not run on {Descriptor.Id}.");
        }

        int first = run.Generated;
        run.Generated += tokens.Length;
        if (outcome != RequestOutcome.None)
        {
            _running.Remove(request);
        }

        return new TokenChunk
        {
            Request = request,
            Run = run.Request.Run,
            FirstIndex = first,
            Tokens = [.. tokens.Select(x => new GeneratedToken(x))],
            Outcome = outcome,
            Usage = outcome == RequestOutcome.None
                ? null
                : new RequestUsage { PromptTokens = run.Request.PromptTokens.Length, GeneratedTokens = run.Generated },
        };
    }

    private void Write(ImmutableArray<TokenChunk> chunks) => _outputs.Writer.TryWrite(new EngineOutput(++_step, chunks));

    private void SignalWhenEmpty()
    {
        lock (_gate)
        {
            if (_leases.Count == 0 && _running.Count == 0)
            {
                _empty?.TrySetResult();
                _empty = null;
            }
        }
    }
}
