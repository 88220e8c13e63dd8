using System.Buffers.Binary;
using System.Net.Sockets;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace Orleans.Runtime;

/// <summary>
/// The frames to one silo and the connection they go by, which is made when there is something to send, and made again when it
/// breaks. A frame that has not been sent waits for the next connection; after two failed attempts it is given back. One that was
/// being sent when the connection broke may or may not have arrived: it is not sent again, and the receiver is told.
/// </summary>
internal sealed class OutgoingLink
{
    /// <summary>Length and kind.</summary>
    public const int HeaderBytes = 5;
    private const int AttemptsPerFrame = 2;
    private const int BatchBytes = 64 * 1024;
    private const long MaxWaitingBytes = 64L << 20;
    private readonly SocketTransport _transport;
    private readonly SiloAddress _peer;
    private readonly ILogger _logger;
    private readonly Channel<Item> _items =
        Channel.CreateUnbounded<Item>(new UnboundedChannelOptions { SingleReader = true });

    private readonly CancellationTokenSource _stop = new();
    private readonly Task _running;
    private readonly List<Item> _sending = [];
    private long _waitingBytes;
    private int _failures;
    private bool _wasWelcome;
    private volatile bool _isLeaving;

    public OutgoingLink(SocketTransport transport, SiloAddress peer, ILogger logger)
    {
        _transport = transport;
        _peer = peer;
        _logger = logger;
        _running = Task.Run(RunAsync);
    }

    public SendOutcome Send(ReadOnlyMemory<byte> frame, FrameClass frameClass)
    {
        if (frameClass == FrameClass.Request)
        {
            if (_isLeaving)
            {
                return SendOutcome.Gone;
            }

            if (Interlocked.Read(ref _waitingBytes) > MaxWaitingBytes)
            {
                return SendOutcome.Full;
            }
        }

        return TryAdd(FrameKind.Message, frame) ? SendOutcome.Taken : SendOutcome.Gone;
    }

    public void SayGoodbye() => TryAdd(FrameKind.Goodbye, default);

    /// <summary>The peer leaves: it gets no more requests, and hears when the last has been sent.</summary>
    public void OnPeerLeaves()
    {
        _isLeaving = true;
        TryAdd(FrameKind.LastRequestSent, default);
    }

    /// <summary>Sends what waits and closes.</summary>
    public async Task FlushAsync(TimeSpan limit)
    {
        _items.Writer.TryComplete();
        await Task.WhenAny(_running, Task.Delay(limit)).ConfigureAwait(false);
    }

    /// <summary>Closes; what waits is given back before this completes.</summary>
    public async Task CloseAsync()
    {
        _items.Writer.TryComplete();
        await _stop.CancelAsync().ConfigureAwait(false);
        await _running.ConfigureAwait(false);
    }

    private bool TryAdd(FrameKind kind, ReadOnlyMemory<byte> frame)
    {
        Interlocked.Add(ref _waitingBytes, frame.Length);
        if (_items.Writer.TryWrite(new Item(kind, frame, Volatile.Read(ref _failures))))
        {
            return true;
        }

        Interlocked.Add(ref _waitingBytes, -frame.Length);
        return false;
    }

    private async Task RunAsync()
    {
        try
        {
            while (await _items.Reader.WaitToReadAsync(_stop.Token).ConfigureAwait(false))
            {
                var started = Environment.TickCount64;
                try
                {
                    await ConnectAndSendAsync().ConfigureAwait(false);
                }
                catch (Exception e) when (!_stop.IsCancellationRequested)
                {
                    // A connection that was good for a while is made again at once.
                    var wait = _transport.Connections.ConnectionRetryDelay;
                    var wasGood = Environment.TickCount64 - started > wait.TotalMilliseconds && _wasWelcome;
                    OnFailure(e, counts: !wasGood);
                    await Task.Delay(wasGood ? TimeSpan.Zero : wait, _stop.Token).ConfigureAwait(false);
                }
            }
        }
        catch (Exception e) when (_stop.IsCancellationRequested)
        {
            // Closed: what a socket says then is not always that it was cancelled.
            _logger.LogDebug("The connection to silo {Peer} is closed: {Reason}", _peer, e.Message);
        }

        while (_items.Reader.TryRead(out var item))
        {
            GiveBack(item);
        }
    }

    private void OnFailure(Exception error, bool counts)
    {
        var failures = counts ? Interlocked.Increment(ref _failures) : _failures;
        if (error is ConnectionRefusedException { Answer: GreetingAnswer.WrongCluster })
        {
            _logger.LogError("Silo {Peer} refuses this silo: {Reason}", _peer, error.Message);
        }
        else
        {
            _logger.LogWarning("The connection to silo {Peer} is lost or cannot be made: {Reason}", _peer, error.Message);
        }

        if (error is ConnectionRefusedException { Answer: GreetingAnswer.YouAreDead })
        {
            _transport.Receiver.OnRefusedAsDead();
        }

        while (_items.Reader.TryPeek(out var oldest) && failures - oldest.FailuresBefore >= AttemptsPerFrame
            && _items.Reader.TryRead(out var item))
        {
            Interlocked.Add(ref _waitingBytes, -item.Frame.Length);
            GiveBack(item);
        }
    }

    private void GiveBack(Item item)
    {
        if (item.Kind == FrameKind.Message)
        {
            _transport.Receiver.OnUndelivered(_peer, item.Frame);
        }
    }

    private async Task ConnectAndSendAsync()
    {
        _wasWelcome = false;
        using var socket = new Socket(_peer.Endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        using (var opening = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token))
        {
            opening.CancelAfter(_transport.Connections.OpenConnectionTimeout);
            await socket.ConnectAsync(_peer.Endpoint, opening.Token).ConfigureAwait(false);
            await using var greeting = new NetworkStream(socket, ownsSocket: false);
            await _transport.GreetingTo(_peer).WriteAsync(greeting, opening.Token).ConfigureAwait(false);
            await Greeting.ReadAnswerAsync(greeting, opening.Token).ConfigureAwait(false);
        }

        _wasWelcome = true;
        using var broken = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
        var watch = WatchAsync(socket, broken);
        try
        {
            await SendAllAsync(socket, broken.Token).ConfigureAwait(false);
            socket.Shutdown(SocketShutdown.Send);
        }
        catch (OperationCanceledException) when (!_stop.IsCancellationRequested)
        {
            throw new IOException("the other side has closed it");
        }
        finally
        {
            await broken.CancelAsync().ConfigureAwait(false);
            await watch.ConfigureAwait(false);
            FailSending();
        }
    }

    // When this side closes, the silo is dead or this one stops: calls end for that reason.
    private void FailSending()
    {
        foreach (var item in _sending.Where(x => x.Kind == FrameKind.Message && !_stop.IsCancellationRequested))
        {
            _transport.Receiver.OnSendFailed(_peer, item.Frame);
        }

        _sending.Clear();
    }

    // The other side sends nothing here: whatever comes is the end.
    private static async Task WatchAsync(Socket socket, CancellationTokenSource broken)
    {
        try
        {
            await socket.ReceiveAsync(new byte[1], broken.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // The end as well.
        }

        await broken.CancelAsync().ConfigureAwait(false);
    }

    private async Task SendAllAsync(Socket socket, CancellationToken token)
    {
        var batch = new byte[BatchBytes];
        while (await _items.Reader.WaitToReadAsync(token).ConfigureAwait(false))
        {
            var used = 0;
            while (used + HeaderBytes <= batch.Length && _items.Reader.TryPeek(out var next))
            {
                var size = HeaderBytes + next.Frame.Length;
                if (size > batch.Length - used && used > 0)
                {
                    break;
                }

                _items.Reader.TryRead(out _);
                _sending.Add(next);
                Interlocked.Add(ref _waitingBytes, -next.Frame.Length);
                BinaryPrimitives.WriteInt32LittleEndian(batch.AsSpan(used), next.Frame.Length);
                batch[used + 4] = (byte)next.Kind;
                if (size <= batch.Length)
                {
                    next.Frame.Span.CopyTo(batch.AsSpan(used + HeaderBytes));
                    used += size;
                }
                else
                {
                    await SendBytesAsync(socket, batch.AsMemory(0, HeaderBytes), token).ConfigureAwait(false);
                    await SendBytesAsync(socket, next.Frame, token).ConfigureAwait(false);
                }
            }

            await SendBytesAsync(socket, batch.AsMemory(0, used), token).ConfigureAwait(false);
            _sending.Clear();
        }
    }

    private static async Task SendBytesAsync(Socket socket, ReadOnlyMemory<byte> bytes, CancellationToken token)
    {
        while (!bytes.IsEmpty)
        {
            bytes = bytes[await socket.SendAsync(bytes, token).ConfigureAwait(false)..];
        }
    }

    private readonly record struct Item(FrameKind Kind, ReadOnlyMemory<byte> Frame, int FailuresBefore);
}
