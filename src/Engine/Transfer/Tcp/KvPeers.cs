using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using XLLM.Contracts.Kv;

namespace XLLM.Engine.Transfer.Tcp;

/// <summary>Connections this side has opened: one to each peer, kept until it breaks, shared by all transfers with it. Any thread.</summary>
internal sealed class KvPeers(
    KvHandshake handshake, KvFrameLimits limits, KvTransferOptions options, KvTransferMetrics metrics, TimeProvider time,
    ILogger logger) : IAsyncDisposable
{
    private readonly Lock _lock = new();
    private readonly Dictionary<(string Host, int Port, KvIdentity Peer), Task<KvConnection>> _connections = [];
    private readonly CancellationTokenSource _stopping = new();

    /// <summary>An open connection. Throws <see cref="KvTransferException"/> when there is none to be had.</summary>
    public Task<KvConnection> GetAsync(KvEndpoint endpoint, CancellationToken cancellationToken)
    {
        var key = (endpoint.Host, endpoint.Port, new KvIdentity(endpoint.Instance, endpoint.Epoch));
        Task<KvConnection> connection;
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_stopping.IsCancellationRequested, this);
            if (!_connections.TryGetValue(key, out connection!) || connection.IsFaulted || connection.IsCanceled
                || (connection.IsCompletedSuccessfully && connection.Result.IsClosed))
            {
                foreach (var old in _connections.Keys.Where(x => x.Peer.Instance == endpoint.Instance && IsGone(x)).ToArray())
                {
                    _connections.Remove(old);
                }

                connection = Task.Factory.StartNew(
                    () => Connect(endpoint, key.Item3), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
                _connections[key] = connection;
            }
        }

        return connection.WaitAsync(cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        Task<KvConnection>[] all;
        lock (_lock)
        {
            _stopping.Cancel();
            all = [.. _connections.Values];
        }

        foreach (Task<KvConnection> connecting in all)
        {
            await ((Task)connecting).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (connecting.IsCompletedSuccessfully)
            {
                await connecting.Result.DisposeAsync().ConfigureAwait(false);
            }
        }
    }

    private bool IsGone((string Host, int Port, KvIdentity Peer) key) =>
        _connections[key] is { IsCompleted: true } connection && (!connection.IsCompletedSuccessfully || connection.Result.IsClosed);

    /// <summary>A thread of its own, because its calls block.</summary>
    private KvConnection Connect(KvEndpoint endpoint, KvIdentity peer)
    {
        using var limit = new CancellationTokenSource(options.ConnectTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, _stopping.Token);
        Socket socket = new(SocketType.Stream, ProtocolType.Tcp);
        try
        {
            KvWire wire;
            long credit;
            using (either.Token.Register(socket.Dispose))
            {
                socket.Connect(endpoint.Host, endpoint.Port);
                wire = new KvWire(socket, time);
                credit = handshake.Connect(wire, peer);
            }

            wire.Limits = limits;
            KvConnection connection = new(wire, peer, credit, handshake.WindowBytes, null, metrics, logger);
            metrics.Connected();
            connection.Start();
            return connection;
        }
        catch (Exception e)
        {
            socket.Dispose();
            string why = either.IsCancellationRequested ? "no answer in time" : e.Message;
            KvTransferException failure = e is KvTransferException known && !either.IsCancellationRequested
                ? known
                : new KvTransferException(KvFault.Unreachable, $"{peer} at {endpoint.Host}:{endpoint.Port} is not reached: {why}", e);
            metrics.Closed(failure.Fault);
            throw failure;
        }
    }
}
