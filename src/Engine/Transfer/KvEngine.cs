using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using XLLM.Contracts.Fleet;
using XLLM.Contracts.Ids;
using XLLM.Contracts.Kv;
using XLLM.Contracts.Ports;
using XLLM.Contracts.Requests;
using XLLM.Engine.Tiers;
using XLLM.Scheduling.Blocks;

namespace XLLM.Engine.Transfer;

/// <summary>
/// An engine that takes KV from others and gives it away. A request whose KV is elsewhere is parked until the KV has come, or
/// does not come in time; then it goes on and computes what is missing. So a transfer that fails costs time, never an answer.
/// Owns the engine and the transports. Any thread.
/// </summary>
public sealed partial class KvEngine : IInferenceEngine, IKvHost
{
    private readonly IInferenceEngine _engine;
    private readonly IKvRequests _requests;
    private readonly IKvBlockStore _store;
    private readonly KvTransferOptions _options;
    private readonly BlockHasher _hasher;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly ConcurrentDictionary<long, KvExpected> _expected = new();
    private readonly ConcurrentDictionary<RequestId, CancellationTokenSource> _waiting = new();
    private readonly ConcurrentDictionary<Task, byte> _tasks = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly ITimer _sweep;
    private readonly KvTiers? _tiers;
    private readonly TierEvents? _tierEvents;
    private IReadOnlyList<IKvTransport> _transports = [];
    private int _disposed;

    private KvEngine(
        IInferenceEngine engine, IKvRequests requests, IKvBlockStore store, KvTransferOptions options, KvTiers? tiers,
        ulong hashSeed, TimeProvider time, ILogger logger)
    {
        _tiers = tiers;
        _tierEvents = tiers is null ? null : new TierEvents(tiers);
        _engine = engine;
        _requests = requests;
        _store = store;
        _options = options;
        _hasher = new BlockHasher(engine.Descriptor.BlockTokens, hashSeed);
        _time = time;
        _logger = logger;
        Descriptor = engine.Descriptor;
        _sweep = time.CreateTimer(_ => Sweep(), null, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1));
    }

    public InstanceDescriptor Descriptor { get; private set; }

    public LoadReport Load => _tiers is null
        ? _engine.Load
        : _engine.Load with { HostBlocks = _tiers.HostBlocks, DiskBlocks = _tiers.DiskBlocks };

    public ChannelReader<EngineOutput> Outputs => _engine.Outputs;

    /// <summary>Below the pool; null = there are none.</summary>
    internal KvTiers? Tiers => _tiers;

    /// <summary>
    /// Puts transports before an engine and tiers below its pool; it owns the engine from then on. <paramref name="transports"/>
    /// makes the transports, the one to be preferred first; it is given this as the host of what others ask for. What it throws
    /// is thrown, as is what the tiers' file gives.
    /// </summary>
    public static KvEngine Start(
        IInferenceEngine engine, IKvRequests requests, IKvBlockStore store, KvTransferOptions options, ulong hashSeed,
        Func<IKvHost, IReadOnlyList<IKvTransport>> transports, TimeProvider time, ILogger logger, KvTierOptions? tiers = null)
    {
        ArgumentNullException.ThrowIfNull(engine);
        ArgumentNullException.ThrowIfNull(store);
        ArgumentNullException.ThrowIfNull(transports);
        IReadOnlyList<string> errors = tiers?.Validate() ?? [];
        if (errors.Count > 0)
        {
            throw new ArgumentException(string.Join(Environment.NewLine, errors), nameof(tiers));
        }

        KvTiers? below = tiers is { IsOn: true }
            ? new KvTiers(tiers, store, hashSeed, engine.Descriptor.Id, time, logger)
            : null;
        KvEngine made = new(engine, requests, store, options, below, hashSeed, time, logger);
        try
        {
            made._transports = transports(made);
        }
        catch
        {
            made._sweep.Dispose();
            below?.DisposeAsync().AsTask().GetAwaiter().GetResult();
            throw;
        }

        if (made._transports.Count == 0)
        {
            return made;
        }

        KvEndpoint endpoint = new()
        {
            Instance = engine.Descriptor.Id,
            Epoch = engine.Descriptor.Epoch,
            Host = "",
            Layout = store.Layout.Fingerprint,
            BlockBytes = store.Layout.BlockBytes,
        };
        endpoint = made._transports.Aggregate(endpoint, (known, transport) => transport.Advertise(known));
        made.Descriptor = engine.Descriptor with { Kv = endpoint };
        return made;
    }

    public async ValueTask<LeaseResult> ReserveAsync(InferenceRequest request, CancellationToken cancellationToken = default)
    {
        LeaseResult result = await _engine.ReserveAsync(request, cancellationToken).ConfigureAwait(false);
        if (_transports.Count == 0 || result.Lease is not { } lease || ChainOf(request) is not { } chain)
        {
            return result;
        }

        _expected[lease.Id] = new KvExpected(request, chain, lease.Expiry);
        return result with { Lease = lease with { Endpoint = Descriptor.Kv } };
    }

    public void Release(RequestId request, long lease)
    {
        if (_expected.TryGetValue(lease, out KvExpected? expected) && expected.Request.Id == request)
        {
            Drop(lease, expected);
        }

        _engine.Release(request, lease);
    }

    public async ValueTask<bool> StartAsync(
        InferenceRequest request, KvLease lease, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(lease);
        KvExpected? expected = _expected.GetValueOrDefault(lease.Id);
        if (expected?.Request.Id != request.Id)
        {
            expected = null;
        }

        KvChain? chain = ChainOf(request);
        if (chain is not null)
        {
            _tierEvents?.Remember(chain);
        }

        if (!Waits(request, chain, expected))
        {
            Drop(lease.Id, expected);
            return await _engine.StartAsync(request, lease, cancellationToken).ConfigureAwait(false);
        }

        CancellationTokenSource ending = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token);
        _waiting[request.Id] = ending;
        expected?.IsStarted = true;
        if (await _requests.StartParkedAsync(request, lease, cancellationToken).ConfigureAwait(false))
        {
            Track(BringAsync(request, chain!, lease.Id, expected, ending));
            return true;
        }

        _waiting.TryRemove(new(request.Id, ending));
        ending.Dispose();
        Drop(lease.Id, expected);
        return false;
    }

    public ValueTask<bool> EndAsync(RequestId request, RequestOutcome outcome)
    {
        if (_waiting.TryRemove(request, out CancellationTokenSource? ending))
        {
            CancelQuietly(ending);
        }

        return _engine.EndAsync(request, outcome);
    }

    public void SetPaused(RequestId request, bool paused) => _engine.SetPaused(request, paused);

    public void Drain() => _engine.Drain();

    public BlockEventBatch TakeBlockEvents()
    {
        BlockEventBatch events = _engine.TakeBlockEvents();
        return _tierEvents?.Merge(events) ?? events;
    }

    public async ValueTask<BlockEventBatch> ListBlocksAsync(CancellationToken cancellationToken = default)
    {
        BlockEventBatch list = await _engine.ListBlocksAsync(cancellationToken).ConfigureAwait(false);
        return _tierEvents?.MergeList(list) ?? list;
    }

    public ValueTask<IReadOnlyList<string>> CheckIntegrityAsync() => _engine.CheckIntegrityAsync();

    public KvExpected? BeginPush(long lease, RequestId request) =>
        _expected.TryGetValue(lease, out KvExpected? expected) && expected.Request.Id == request
        && (expected.IsStarted || expected.Expiry > _time.GetUtcNow()) && expected.TryBegin()
            ? expected
            : null;

    public ValueTask<KvHold> HoldAsync(KvChain chain, CancellationToken cancellationToken = default) =>
        _tiers is null
            ? _store.HoldAsync(chain, cancellationToken)
            : _tiers.BringUpAsync(chain, PrefillRate, cancellationToken);

    /// <summary>Ends the transfers, then the engine.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
        {
            await _sweep.DisposeAsync().ConfigureAwait(false);
            await _stopping.CancelAsync().ConfigureAwait(false);
            foreach (IKvTransport transport in _transports)
            {
                await transport.DisposeAsync().ConfigureAwait(false);
            }

            foreach (KeyValuePair<long, KvExpected> expected in _expected)
            {
                Drop(expected.Key, expected.Value);
            }

            await Task.WhenAll(_tasks.Keys).ConfigureAwait(false);
            if (_tiers is not null)
            {
                await _tiers.DisposeAsync().ConfigureAwait(false);
            }
        }

        await _engine.DisposeAsync().ConfigureAwait(false);
    }

    private KvChain? ChainOf(InferenceRequest request)
    {
        int prompt = request.PromptTokens.Length / _hasher.BlockTokens;
        if (request.BlockHashes.Length < prompt || request.PromptTokens.Length + request.Resumed.Length < _hasher.BlockTokens)
        {
            // A prompt without hashes may not use the prefix cache.
            return null;
        }

        return request.Resumed.Length == 0
            ? new KvChain(request.BlockHashes[..prompt], request.PromptTokens, request.CacheSalt)
            : ChainOf([.. request.PromptTokens, .. request.Resumed], request.CacheSalt);
    }

    private KvChain ChainOf(ImmutableArray<int> tokens, string salt) =>
        new(_hasher.HashPrompt(tokens.AsSpan(), salt), tokens, salt);

    /// <summary>Prompt tokens a second, from what the engine measured at its start; 0 = it did not.</summary>
    private double PrefillRate => _engine.Descriptor.Profile.Prefill is { Length: > 0 } samples
        ? samples.Max(x => (x.Tokens - x.CachedTokens) / Math.Max(x.Seconds, 1e-9))
        : 0;

    private bool Waits(InferenceRequest request, [NotNullWhen(true)] KvChain? chain, KvExpected? expected) =>
        chain is not null && request.KvFrom switch
        {
            { IsPush: true } when expected is not null => true,
            { IsPush: false } source when _transports.Any(x => x.CanReach(source.Endpoint)) => true,
            _ => IsBelow(chain),
        };

    /// <summary>A tier has what comes next after what the pool has of the chain.</summary>
    private bool IsBelow(KvChain chain)
    {
        if (_tiers is null || _tierEvents is null)
        {
            return false;
        }

        (int host, int disk) = _tiers.Count(chain, _tierEvents.InPool(chain));
        return host + disk > 0;
    }

    private void Sweep()
    {
        DateTimeOffset now = _time.GetUtcNow();
        foreach (KeyValuePair<long, KvExpected> expected in _expected)
        {
            if (!expected.Value.IsStarted && expected.Value.Expiry <= now)
            {
                Drop(expected.Key, expected.Value);
            }
        }
    }

    /// <summary>Nobody waits for that KV any more; what has come of it stays in the prefix cache, not held.</summary>
    private void Drop(long lease, KvExpected? expected)
    {
        if (expected is null || !_expected.TryRemove(new(lease, expected)))
        {
            return;
        }

        expected.Cancel();
        _store.Release(expected.Arrived.Result.Held);
        expected.Dispose();
    }

    private void Track(Task task)
    {
        _tasks.TryAdd(task, 0);
        _ = task.ContinueWith(x => _tasks.TryRemove(x, out _), TaskScheduler.Default);
    }
}
