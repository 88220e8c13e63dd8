using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace XLLM.Engine.Tests.Transfer;

/// <summary>Stands between two sides of a TCP connection and damages what passes, at places that are given.</summary>
internal sealed class Relay : IAsyncDisposable
{
    private readonly Socket _listener = new(SocketType.Stream, ProtocolType.Tcp);
    private readonly int _target;
    private readonly ConcurrentBag<Socket> _sockets = [];
    private readonly ConcurrentQueue<long> _cuts;
    private readonly long _flipAt;
    private readonly bool _toClient;
    private readonly List<Task> _pumps = [];
    private readonly Task _accepting;
    private int _flipped;
    private int _connections;

    /// <param name="target">Port behind it.</param>
    /// <param name="cutAfter">Bytes after which the first, second ... connection is cut; later ones are not.</param>
    /// <param name="flipAt">Byte of the first connection's stream in which a bit is flipped; -1 = none.</param>
    /// <param name="toClient">Count and damage what goes to the client; else what comes from it.</param>
    public Relay(int target, long[]? cutAfter = null, long flipAt = -1, bool toClient = false)
    {
        _target = target;
        _cuts = new ConcurrentQueue<long>(cutAfter ?? []);
        _flipAt = flipAt;
        _toClient = toClient;
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen();
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndPoint!).Port;

    public int Connections => Volatile.Read(ref _connections);

    /// <summary>Closes the door: no connection from now on, and those there are end.</summary>
    public void Kill()
    {
        _listener.Dispose();
        foreach (Socket socket in _sockets)
        {
            socket.Dispose();
        }
    }

    public async ValueTask DisposeAsync()
    {
        Kill();
        await _accepting;
        await Task.WhenAll(_pumps);
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                Socket client = await _listener.AcceptAsync();
                Socket server = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                _sockets.Add(client);
                _sockets.Add(server);
                await server.ConnectAsync(IPAddress.Loopback, _target);
                Interlocked.Increment(ref _connections);
                long cut = _cuts.TryDequeue(out long after) ? after : long.MaxValue;
                _pumps.Add(PumpAsync(client, server, _toClient ? long.MaxValue : cut, !_toClient));
                _pumps.Add(PumpAsync(server, client, _toClient ? cut : long.MaxValue, _toClient));
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // It was killed.
        }
    }

    private async Task PumpAsync(Socket from, Socket to, long cut, bool isDamaged)
    {
        byte[] buffer = new byte[16 * 1024];
        long passed = 0;
        try
        {
            while (await from.ReceiveAsync(buffer) is var got and > 0)
            {
                if (isDamaged && _flipAt >= passed && _flipAt < passed + got && Interlocked.Exchange(ref _flipped, 1) == 0)
                {
                    buffer[_flipAt - passed] ^= 0x10;
                }

                int let = (int)Math.Min(got, cut - passed);
                await SendAsync(to, buffer.AsMemory(0, let));
                passed += let;
                if (passed >= cut)
                {
                    break;
                }
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // One side is gone, so the other goes.
        }

        from.Dispose();
        to.Dispose();
    }

    private static async Task SendAsync(Socket to, ReadOnlyMemory<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            bytes = bytes[await to.SendAsync(bytes)..];
        }
    }
}
