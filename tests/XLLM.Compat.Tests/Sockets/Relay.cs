using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace XLLM.Compat.Tests.Sockets;

/// <summary>Connections to a silo go through it; it can stop reading, and break them.</summary>
internal sealed class Relay : IDisposable
{
    private const int SomeBytes = 1 << 20;
    private readonly TcpListener _listener;
    private readonly int _target;
    private readonly ConcurrentBag<TcpClient> _open = [];
    private TaskCompletionSource? _stalled;

    /// <summary>Listens at once.</summary>
    public Relay(IPEndPoint endpoint, int target)
    {
        _target = target;
        _listener = new TcpListener(endpoint);
        _listener.Start();
        Task.Run(AcceptAsync).Ignore();
    }

    /// <summary>Completes when a connection has brought some more bytes, of which no more are read then.</summary>
    public Task StallAsync()
    {
        _stalled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        return _stalled.Task;
    }

    /// <summary>Breaks all connections; those that come next work.</summary>
    public void Cut()
    {
        _stalled = null;
        while (_open.TryTake(out var client))
        {
            client.Dispose();
        }
    }

    public void Dispose()
    {
        _listener.Dispose();
        Cut();
    }

    private async Task AcceptAsync()
    {
        while (true)
        {
            var from = await _listener.AcceptTcpClientAsync();
            var to = new TcpClient();
            await to.ConnectAsync(IPAddress.Loopback, _target);
            _open.Add(from);
            _open.Add(to);
            Task.Run(() => CopyAsync(from, to)).Ignore();
            Task.Run(() => CopyAsync(to, from)).Ignore();
        }
    }

    private async Task CopyAsync(TcpClient from, TcpClient to)
    {
        var buffer = new byte[64 * 1024];
        var sinceStall = 0;
        while (await from.GetStream().ReadAsync(buffer) is > 0 and var got)
        {
            sinceStall = _stalled is null ? 0 : sinceStall + got;
            if (sinceStall > SomeBytes)
            {
                _stalled?.TrySetResult();
                return;
            }

            await to.GetStream().WriteAsync(buffer.AsMemory(0, got));
        }

        to.Client.Shutdown(SocketShutdown.Send);
    }
}
