using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using XLLM.Contracts.Ids;

namespace XLLM.Engine.Transfer.Tcp;

/// <summary>Takes connections of others, after their handshake. Any thread.</summary>
internal sealed class KvListener : IAsyncDisposable
{
    // Instances that ever came; more have no epoch remembered.
    private const int MaxEpochs = 4096;

    private readonly Socket _socket;
    private readonly KvHandshake _handshake;
    private readonly KvFrameLimits _limits;
    private readonly KvTransferOptions _options;
    private readonly KvTransferMetrics _metrics;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly IKvServer _server;
    private readonly CancellationTokenSource _stopping = new();
    private readonly ConcurrentDictionary<Task, byte> _serving = new();
    private readonly ConcurrentDictionary<InstanceId, long> _epochs = new();
    private Task _accepting = Task.CompletedTask;
    private int _connections;

    /// <summary>Listens. Throws <see cref="SocketException"/> when the port is taken.</summary>
    public KvListener(
        KvHandshake handshake, KvFrameLimits limits, KvTransferOptions options, KvTransferMetrics metrics, TimeProvider time,
        ILogger logger, IKvServer server)
    {
        _handshake = handshake;
        _limits = limits;
        _options = options;
        _metrics = metrics;
        _time = time;
        _logger = logger;
        _server = server;
        IPAddress address = IPAddress.Parse(options.Listen);
        _socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            _socket.Bind(new IPEndPoint(address, options.Port));
            _socket.Listen(128);
        }
        catch
        {
            _socket.Dispose();
            throw;
        }

        Port = ((IPEndPoint)_socket.LocalEndPoint!).Port;
    }

    public int Port { get; }

    public void Start() => _accepting = AcceptAllAsync();

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        _socket.Dispose();
        await _accepting.ConfigureAwait(false);
        await Task.WhenAll(_serving.Keys).ConfigureAwait(false);
    }

    private async Task AcceptAllAsync()
    {
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                Socket socket = await _socket.AcceptAsync(_stopping.Token).ConfigureAwait(false);
                if (Interlocked.Increment(ref _connections) > _options.MaxConnections)
                {
                    Interlocked.Decrement(ref _connections);
                    _metrics.Closed(KvFault.Flooded);
                    socket.Dispose();
                    continue;
                }

                Task serving = ServeAsync(socket);
                _serving.TryAdd(serving, 0);
                _ = serving.ContinueWith(x => _serving.TryRemove(x, out _), TaskScheduler.Default);
            }
            catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
            catch (SocketException e)
            {
                // One that was gone before it was accepted, or no descriptors for a moment.
                _logger.ListenerFailed(e, Port);
                await Task.Delay(TimeSpan.FromMilliseconds(10), _time).ConfigureAwait(false);
            }
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        string remote = "somebody";
        KvConnection? connection = null;
        KvWire? wire = null;
        try
        {
            remote = socket.RemoteEndPoint?.ToString() ?? remote;
            wire = new KvWire(socket, _time);
            KvWire accepted = wire;
            (KvIdentity client, long credit) = await Task.Factory.StartNew(
                () => Accept(accepted), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default).ConfigureAwait(false);
            wire.Limits = _limits;
            connection = new KvConnection(wire, client, credit, _handshake.WindowBytes, _server, _metrics, _logger);
            _metrics.Connected();
            using CancellationTokenRegistration stop = _stopping.Token.Register(() => connection.Close(KvFault.None, "this side stops"));
            connection.Start();
            await connection.Closed.ConfigureAwait(false);
        }
        catch (Exception e)
        {
            KvFault fault = e is KvTransferException failure ? failure.Fault : KvFault.Broken;
            if (fault == KvFault.Broken && wire is not { IsHeard: true })
            {
                // Somebody looked whether the port is open.
                _logger.ConnectionProbed(remote);
            }
            else
            {
                _metrics.Closed(fault);
                _logger.ConnectionRefused(remote, fault, e.Message);
            }
        }
        finally
        {
            socket.Dispose();
            Interlocked.Decrement(ref _connections);
        }
    }

    /// <summary>The handshake; a thread of its own, because its calls block.</summary>
    private (KvIdentity Client, long Credit) Accept(KvWire wire)
    {
        using var limit = new CancellationTokenSource(_options.ConnectTimeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, _stopping.Token);
        using CancellationTokenRegistration end = either.Token.Register(wire.Dispose);
        try
        {
            return _handshake.Accept(wire, IsCurrent);
        }
        catch (Exception e) when (either.IsCancellationRequested)
        {
            throw new KvTransferException(KvFault.Unreachable, "The handshake did not end in time.", e);
        }
    }

    /// <summary>False for an epoch of an instance that a newer one has connected after.</summary>
    private bool IsCurrent(KvIdentity client)
    {
        if (_epochs.Count >= MaxEpochs && !_epochs.ContainsKey(client.Instance))
        {
            return true;
        }

        return _epochs.AddOrUpdate(client.Instance, client.Epoch, (_, known) => Math.Max(known, client.Epoch)) == client.Epoch;
    }
}
