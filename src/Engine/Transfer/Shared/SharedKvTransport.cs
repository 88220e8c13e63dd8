using System.Globalization;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using XLLM.Contracts.Kv;

namespace XLLM.Engine.Transfer.Shared;

/// <summary>
/// KV between engines of one machine through each other's memory. Pushed blocks change hands uncopied (<see cref="BlockExchange"/>);
/// fetched ones are copied once, also out of the memory of a process that has died.
/// </summary>
public sealed class SharedKvTransport : IKvTransport
{
    private readonly KvIdentity _self;
    private readonly IKvBlockStore _store;
    private readonly BlockExchange _exchange;
    private readonly KvTransferOptions _options;
    private readonly TimeProvider _time;
    private readonly PeerPools _pools;
    private readonly SharedKvServer _server;
    private readonly ILogger _logger;

    private SharedKvTransport(
        KvIdentity self, IKvBlockStore store, BlockExchange exchange, IKvHost host, KvTransferOptions options, TimeProvider time,
        ILogger logger)
    {
        _self = self;
        _store = store;
        _exchange = exchange;
        _options = options;
        _time = time;
        _logger = logger;
        Metrics = new SharedKvMetrics(self.Instance);
        _pools = new PeerPools(self, store.Layout, options.SharedFolder, options.KeepDead, ReclaimAsync, time);
        try
        {
            _server = new SharedKvServer(self, store, host, _pools, exchange, options, Metrics, time, logger);
        }
        catch
        {
            _pools.Dispose();
            throw;
        }
    }

    public KvCapabilities Capability => KvCapabilities.SharedPages;

    public SharedKvMetrics Metrics { get; }

    /// <summary>Null where the engine's pool is not shared, or the system cannot tell which processes reach each other.</summary>
    public static SharedKvTransport? TryStart(
        KvIdentity self, IKvBlockStore store, IKvHost host, KvTransferOptions options, TimeProvider time, ILogger logger)
    {
        ArgumentNullException.ThrowIfNull(store);
        ArgumentNullException.ThrowIfNull(options);
        if (KvHost.Id.Length == 0 || BlockExchange.For(store) is not { } exchange)
        {
            return null;
        }

        try
        {
            return new SharedKvTransport(self, store, exchange, host, options, time, logger);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or SocketException)
        {
            logger.ListenerFailed(e, 0);
            return null;
        }
    }

    public KvEndpoint Advertise(KvEndpoint endpoint)
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        return endpoint with
        {
            HostId = KvHost.Id, ProcessId = Environment.ProcessId, Capabilities = endpoint.Capabilities | KvCapabilities.SharedPages,
        };
    }

    public bool CanReach(KvEndpoint endpoint)
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        return endpoint.Capabilities.HasFlag(KvCapabilities.SharedPages) && endpoint.HostId == KvHost.Id && endpoint.ProcessId > 0
            && endpoint.Layout == _store.Layout.Fingerprint && endpoint.BlockBytes == _store.Layout.BlockBytes
            && endpoint.Instance != _self.Instance;
    }

    public async ValueTask<IKvPush> OpenPushAsync(
        KvEndpoint endpoint, KvLease lease, KvChain chain, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        ArgumentNullException.ThrowIfNull(lease);
        KvIdentity receiver = new(endpoint.Instance, endpoint.Epoch);
        PeerEntry entry = _pools.Rent(receiver, endpoint.ProcessId)
            ?? throw new KvTransferException(KvFault.Unreachable, $"The pool of {receiver} cannot be mapped.");
        Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        SharedLine line = new(socket);
        try
        {
            using CancellationTokenSource limit = new(_options.ConnectTimeout, _time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
            await socket.ConnectAsync(SharedLine.AddressOf(receiver, endpoint.ProcessId), either.Token).ConfigureAwait(false);
            string instance = Uri.EscapeDataString(_self.Instance.Value);
            string request = Uri.EscapeDataString(lease.Request.Value);
            await line.SendAsync(
                string.Create(
                    CultureInfo.InvariantCulture, $"push {Environment.ProcessId} {_self.Epoch} {instance} {lease.Id} {request}"),
                either.Token).ConfigureAwait(false);
            string[] answer = await line.ReceiveAsync(either.Token).ConfigureAwait(false);
            return answer is ["go"] && line.IsOwn()
                ? new SharedKvPush(line, _pools, entry, _exchange, _store, chain, _options, _time)
                : throw new KvTransferException(KvFault.NoLease, $"{receiver} takes no KV: {string.Join(' ', answer)}.");
        }
        catch (Exception e)
        {
            line.Dispose();
            _pools.Return(entry);
            throw e is KvTransferException ? e : new KvTransferException(KvFault.Unreachable, $"{receiver} is not reached.", e);
        }
    }

    public async ValueTask<KvArrival> FetchAsync(
        KvEndpoint endpoint, KvChain chain, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        ArgumentNullException.ThrowIfNull(chain);
        if (_pools.Rent(new KvIdentity(endpoint.Instance, endpoint.Epoch), endpoint.ProcessId) is not { } entry)
        {
            return new KvArrival(await _store.HoldAsync(chain, cancellationToken).ConfigureAwait(false), 0, KvFault.Unreachable);
        }

        try
        {
            (KvHold hold, int copied) = await PeerBlocks.TakeAsync(_store, entry.Pool, chain, cancellationToken).ConfigureAwait(false);
            Metrics.Took(0, copied * _store.Layout.BlockBytes);
            return new KvArrival(hold, copied, hold.Blocks.Length == chain.Hashes.Length ? KvFault.None : KvFault.NoContent);
        }
        finally
        {
            _pools.Return(entry);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync().ConfigureAwait(false);
        _pools.Dispose();
    }

    private async Task<bool> ReclaimAsync(PeerPool dead)
    {
        try
        {
            (int returned, int left) = await _exchange.ReclaimAsync(dead).ConfigureAwait(false);
            Metrics.Reclaimed(returned);
            return left == 0;
        }
        catch (Exception e)
        {
            _logger.ReclaimFailed(e);
            return false;
        }
    }
}
