using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace XLLM.Engine.Transfer.Tcp;

/// <summary>
/// An open connection, shared by all transfers with that peer in both directions. One task reads: payloads go straight into the
/// memory of blocks. One task writes control frames, so that reading never waits for writing; data frames are written by their
/// transfers, as far as the peer's credit goes.
/// </summary>
internal sealed class KvConnection : IAsyncDisposable
{
    // Answers that a peer leaves unread. One that reads has a few.
    private const int MaxPosts = 65_536;

    private readonly KvWire _wire;
    private readonly IKvServer? _server;
    private readonly KvTransferMetrics _metrics;
    private readonly ILogger _logger;
    private readonly long _window;
    private readonly ConcurrentDictionary<ulong, IKvEnd> _ends = new();
    private readonly Channel<(KvFrame Frame, ReadOnlyMemory<byte> Payload)> _posts;
    private readonly SemaphoreSlim _writing = new(1);
    private readonly SemaphoreSlim _sending = new(1);
    private readonly SemaphoreSlim _credited = new(0);
    private readonly CancellationTokenSource _closing = new();
    private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _credit;
    private long _granted;
    private long _taken;
    private int _isClosed;

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
        _credit = credit;
        _window = window;
        _granted = window;
        _server = server;
        _metrics = metrics;
        _logger = logger;
        _posts = Channel.CreateBounded<(KvFrame, ReadOnlyMemory<byte>)>(
            new BoundedChannelOptions(MaxPosts) { SingleReader = true });
    }

    public KvIdentity Peer { get; }

    /// <summary>Time since the other side was last heard.</summary>
    public TimeSpan Quiet => _wire.Quiet;

    public bool IsClosed => Volatile.Read(ref _isClosed) != 0;

    /// <summary>Completes when it is closed and nothing reads or writes any more.</summary>
    public Task Closed => _closed.Task;

    public void Start() => _ = RunAsync();

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
        if (!_posts.Writer.TryWrite((frame, payload)) && !IsClosed)
        {
            Close(KvFault.Flooded, $"{MaxPosts} frames wait for a peer that reads none");
        }
    }

    /// <summary>Sends a data frame when the peer has room for it.</summary>
    public async ValueTask SendDataAsync(KvFrame frame, ReadOnlyMemory<byte> payload)
    {
        CancellationToken closing = _closing.Token;
        frame = frame with { Sum = KvFrame.SumOf(payload.Span, _wire.Key) };
        await _sending.WaitAsync(closing).ConfigureAwait(false);
        try
        {
            while (Interlocked.Read(ref _credit) < payload.Length)
            {
                await _credited.WaitAsync(closing).ConfigureAwait(false);
            }

            Interlocked.Add(ref _credit, -payload.Length);
            await WriteAsync(frame, payload).ConfigureAwait(false);
        }
        finally
        {
            _sending.Release();
        }

        _metrics.Sent(payload.Length);
    }

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

        _posts.Writer.TryComplete();
        _closing.Cancel();
        _wire.Dispose();
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

    private async Task RunAsync()
    {
        Task posting = PostAllAsync();
        (KvFault fault, string why) = await ReadAllAsync().ConfigureAwait(false);
        Close(fault, why);
        await posting.ConfigureAwait(false);
        _closed.SetResult();
    }

    private async Task<(KvFault Fault, string Why)> ReadAllAsync()
    {
        byte[] buffer = new byte[4096];
        CancellationToken closing = _closing.Token;
        try
        {
            while (await _wire.ReceiveHeaderAsync(closing).ConfigureAwait(false) is { } frame)
            {
                if (frame.Kind == KvFrameKind.Data)
                {
                    buffer = await ReceiveDataAsync(frame, buffer).ConfigureAwait(false);
                    continue;
                }

                // The header's check has bounded it.
                buffer = buffer.Length >= frame.Length ? buffer : new byte[frame.Length];
                await _wire.ReceiveAsync(buffer.AsMemory(0, frame.Length), closing).ConfigureAwait(false);
                Take(frame, buffer.AsSpan(0, frame.Length));
            }

            return (KvFault.Broken, "the other side has closed it");
        }
        catch (KvTransferException e)
        {
            return (e.Fault, e.Message);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or OperationCanceledException)
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
                AddCredit(reader.Int64());
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

    /// <summary>Takes a payload where it belongs, or away. The answer is the buffer, which may have grown.</summary>
    private async ValueTask<byte[]> ReceiveDataAsync(KvFrame frame, byte[] buffer)
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
                await _wire.ReceiveAsync(memory, _closing.Token).ConfigureAwait(false);
                isSound = KvFrame.SumOf(memory.Span, _wire.Key) == frame.Sum;
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
                await _wire.ReceiveAsync(buffer.AsMemory(0, Math.Min(left, buffer.Length)), _closing.Token).ConfigureAwait(false);
            }

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

        return buffer;
    }

    private void AddCredit(long bytes)
    {
        if (bytes <= 0 || bytes > 1L << 40 || Interlocked.Add(ref _credit, bytes) > 1L << 42)
        {
            throw new KvTransferException(KvFault.Garbage, $"A credit of {bytes} bytes came.");
        }

        if (_credited.CurrentCount == 0)
        {
            _credited.Release();
        }
    }

    private async Task PostAllAsync()
    {
        try
        {
            await foreach ((KvFrame frame, ReadOnlyMemory<byte> payload) in _posts.Reader.ReadAllAsync(_closing.Token)
                .ConfigureAwait(false))
            {
                await WriteAsync(frame, payload).ConfigureAwait(false);
            }
        }
        catch (Exception e) when (e is KvTransferException or ObjectDisposedException or OperationCanceledException)
        {
            Close(KvFault.Broken, e.Message);
        }
    }

    private async ValueTask WriteAsync(KvFrame frame, ReadOnlyMemory<byte> payload)
    {
        await _writing.WaitAsync(_closing.Token).ConfigureAwait(false);
        try
        {
            await _wire.SendAsync(frame, payload, _closing.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            Close(KvFault.Broken, e.Message);
            throw new KvTransferException(KvFault.Broken, e.Message, e);
        }
        finally
        {
            _writing.Release();
        }
    }
}
