using System.Collections.Concurrent;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;

namespace XLLM.Engine.Transfer.Tcp;

/// <summary>
/// An open connection, shared by all transfers with that peer in both directions. One thread reads: payloads go straight into the
/// memory of blocks. Another one writes (<see cref="KvOutbox"/>), so that reading never waits for writing. They are threads of their
/// own because their calls block.
/// </summary>
internal sealed class KvConnection : IAsyncDisposable
{
    private const int StackBytes = 256 << 10;

    private readonly KvWire _wire;
    private readonly IKvServer? _server;
    private readonly KvTransferMetrics _metrics;
    private readonly ILogger _logger;
    private readonly long _window;
    private readonly ConcurrentDictionary<ulong, IKvEnd> _ends = new();
    private readonly KvOutbox _outbox;
    private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _granted;
    private long _taken;
    private int _isClosed;
    private int _running = 2;

    /// <param name="wire">After its handshake.</param>
    /// <param name="peer">The other side.</param>
    /// <param name="credit">Payload bytes that may be sent.</param>
    /// <param name="window">Payload bytes that the other side may send.</param>
    /// <param name="server">Takes transfers that the other side opens; null = it may open none.</param>
    public KvConnection(
        KvWire wire, KvIdentity peer, long credit, long window, IKvServer? server, KvTransferMetrics metrics, ILogger logger)
    {
        _wire = wire;
        Peer = peer;
        _window = window;
        _granted = window;
        _server = server;
        _metrics = metrics;
        _logger = logger;
        _outbox = new KvOutbox(this, wire, credit, metrics);
    }

    public KvIdentity Peer { get; }

    /// <summary>Time since the other side was last heard.</summary>
    public TimeSpan Quiet => _wire.Quiet;

    public bool IsClosed => Volatile.Read(ref _isClosed) != 0;

    /// <summary>Completes when it is closed and nothing reads or writes any more.</summary>
    public Task Closed => _closed.Task;

    public void Start()
    {
        new Thread(Read, StackBytes) { IsBackground = true, Name = "KV reader" }.Start();
        new Thread(Write, StackBytes) { IsBackground = true, Name = "KV writer" }.Start();
    }

    /// <summary>Joins a transfer; false when the connection is closed or has a transfer of that number.</summary>
    public bool TryAttach(ulong transfer, IKvEnd end)
    {
        if (!_ends.TryAdd(transfer, end))
        {
            return false;
        }

        if (IsClosed)
        {
            Detach(transfer, end);
            return false;
        }

        return true;
    }

    public void Detach(ulong transfer, IKvEnd end) => _ends.TryRemove(new(transfer, end));

    /// <summary>Sends a control frame soon; nothing when the connection is closed.</summary>
    public void Post(KvFrame frame, ReadOnlyMemory<byte> payload = default)
    {
        if (!IsClosed)
        {
            _outbox.Post(frame, payload);
        }
    }

    /// <summary>Sends the source's data until <see cref="Starve"/>.</summary>
    public void Feed(IKvSource source) => _outbox.Feed(source);

    public void Starve(IKvSource source) => _outbox.Starve(source);

    /// <summary>A source may have data.</summary>
    public void Wake() => _outbox.Wake();

    /// <summary>Ends the connection; transfers on it are told.</summary>
    public void Close(KvFault fault, string why)
    {
        if (Interlocked.Exchange(ref _isClosed, 1) != 0)
        {
            return;
        }

        _metrics.Closed(fault);
        if (fault is KvFault.None or KvFault.Broken or KvFault.Cancelled)
        {
            _logger.ConnectionEnded(Peer.ToString(), why);
        }
        else
        {
            _logger.ConnectionRefused(Peer.ToString(), fault, why);
        }

        _wire.Dispose();
        _outbox.Wake();
        foreach (KeyValuePair<ulong, IKvEnd> end in _ends)
        {
            end.Value.Lost(this);
        }
    }

    public async ValueTask DisposeAsync()
    {
        Close(KvFault.None, "this side stops");
        await _closed.Task.ConfigureAwait(false);
    }

    private void Read()
    {
        (KvFault fault, string why) = ReadAll();
        Close(fault, why);
        Ended();
    }

    private void Write()
    {
        try
        {
            _outbox.Run();
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            Close(KvFault.Broken, e.Message);
        }
        catch (Exception e)
        {
            _logger.ConnectionFailed(e, Peer.ToString());
            Close(KvFault.Broken, e.Message);
        }

        Ended();
    }

    private void Ended()
    {
        if (Interlocked.Decrement(ref _running) == 0)
        {
            _closed.SetResult();
        }
    }

    private (KvFault Fault, string Why) ReadAll()
    {
        byte[] buffer = new byte[4096];
        try
        {
            while (_wire.ReceiveHeader() is { } frame)
            {
                if (frame.Kind == KvFrameKind.Data)
                {
                    ReceiveData(frame, buffer);
                    continue;
                }

                // The header's check has bounded it.
                buffer = buffer.Length >= frame.Length ? buffer : new byte[frame.Length];
                _wire.Receive(buffer.AsSpan(0, frame.Length));
                Take(frame, buffer.AsSpan(0, frame.Length));
            }

            return (KvFault.Broken, "the other side has closed it");
        }
        catch (KvTransferException e)
        {
            return (e.Fault, e.Message);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            return (KvFault.Broken, e.Message);
        }
        catch (Exception e)
        {
            _logger.ConnectionFailed(e, Peer.ToString());
            return (KvFault.Broken, e.Message);
        }
    }

    private void Take(in KvFrame frame, ReadOnlySpan<byte> payload)
    {
        if (KvFrame.SumOf(payload, _wire.Key) != frame.Sum)
        {
            throw new KvTransferException(KvFault.Garbage, $"A {frame.Kind} frame's payload does not match its checksum.");
        }

        switch (frame.Kind)
        {
            case KvFrameKind.Push or KvFrameKind.Fetch when _server is not null:
                _server.Open(this, frame, payload);
                break;
            case KvFrameKind.Credit:
                KvReader reader = new(payload);
                _outbox.AddCredit(reader.Int64());
                reader.End();
                break;
            case KvFrameKind.Failed when frame.Transfer == 0:
                throw new KvTransferException(KvFault.Broken, $"the other side has ended it: {(KvFault)(byte)frame.Block}");
            case KvFrameKind.Push or KvFrameKind.Fetch:
                throw new KvTransferException(KvFault.Garbage, $"A {frame.Kind} came on a connection that this side opened.");
            default:
                if (_ends.TryGetValue(frame.Transfer, out IKvEnd? end))
                {
                    end.Take(this, frame, payload);
                }

                break;
        }
    }

    /// <summary>Takes a payload where it belongs, or away.</summary>
    private void ReceiveData(KvFrame frame, byte[] buffer)
    {
        _granted -= frame.Length;
        if (_granted < 0)
        {
            throw new KvTransferException(KvFault.Flooded, $"{-_granted} bytes came beyond the {_window} that were allowed.");
        }

        if (_ends.TryGetValue(frame.Transfer, out IKvEnd? end) && end.TryBeginWrite(this, frame, out Memory<byte> memory))
        {
            bool isSound = false;
            try
            {
                isSound = _wire.ReceiveData(memory.Span);
            }
            finally
            {
                end.EndWrite(this, frame, isSound);
            }
        }
        else
        {
            for (int left = frame.Length; left > 0; left -= Math.Min(left, buffer.Length))
            {
                _wire.Receive(buffer.AsSpan(0, Math.Min(left, buffer.Length)));
            }

            _wire.ReceiveSum();
            _metrics.Unwanted(frame.Length);
        }

        _metrics.Received(frame.Length);
        _taken += frame.Length;
        if (_taken >= _window / 4)
        {
            _granted += _taken;
            Post(new KvFrame(KvFrameKind.Credit, 0), new KvWriter().Add(_taken).Written);
            _taken = 0;
        }
    }
}
