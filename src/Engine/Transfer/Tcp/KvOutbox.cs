using System.Collections.Concurrent;

namespace XLLM.Engine.Transfer.Tcp;

/// <summary>
/// What a connection sends: control frames first, then data of its transfers in turn, as far as the peer's credit goes. One thread
/// runs it; the rest from any thread.
/// </summary>
internal sealed class KvOutbox(KvConnection connection, KvWire wire, long credit, KvTransferMetrics metrics)
{
    // Answers that a peer leaves unread. One that reads has a few.
    private const int MaxPosts = 65_536;

    private readonly Lock _lock = new();
    private readonly ConcurrentQueue<(KvFrame Frame, ReadOnlyMemory<byte> Payload)> _posts = new();
    private readonly SemaphoreSlim _wake = new(0);
    private IKvSource[] _sources = [];
    private long _credit = credit;
    private int _isAwake;
    private int _turn;

    /// <summary>Sends a control frame soon.</summary>
    public void Post(KvFrame frame, ReadOnlyMemory<byte> payload)
    {
        if (_posts.Count >= MaxPosts)
        {
            connection.Close(KvFault.Flooded, $"{MaxPosts} frames wait for a peer that reads none");
            return;
        }

        _posts.Enqueue((frame, payload));
        Wake();
    }

    /// <summary>The peer has room for so much more.</summary>
    public void AddCredit(long bytes)
    {
        if (bytes <= 0 || bytes > 1L << 40 || Interlocked.Add(ref _credit, bytes) > 1L << 42)
        {
            throw new KvTransferException(KvFault.Garbage, $"A credit of {bytes} bytes came.");
        }

        Wake();
    }

    /// <summary>Frames are taken from it from now on.</summary>
    public void Feed(IKvSource source)
    {
        lock (_lock)
        {
            Volatile.Write(ref _sources, [.. _sources, source]);
        }

        Wake();
    }

    /// <summary>No frame is taken from it that has not been.</summary>
    public void Starve(IKvSource source)
    {
        lock (_lock)
        {
            Volatile.Write(ref _sources, [.. _sources.Where(x => x != source)]);
        }
    }

    /// <summary>A source may have something, or the connection has been closed.</summary>
    public void Wake()
    {
        if (Interlocked.Exchange(ref _isAwake, 1) == 0)
        {
            _wake.Release();
        }
    }

    /// <summary>Sends until the connection is closed. Throws what the socket throws.</summary>
    public void Run()
    {
        (IKvSource Source, KvFrame Frame, ReadOnlyMemory<byte> Payload)? data = null;
        try
        {
            while (!connection.IsClosed)
            {
                while (_posts.TryDequeue(out (KvFrame Frame, ReadOnlyMemory<byte> Payload) post))
                {
                    wire.Send(post.Frame, post.Payload.Span);
                }

                data ??= Next();
                if (data is { } next && Interlocked.Read(ref _credit) >= next.Payload.Length)
                {
                    Interlocked.Add(ref _credit, -next.Payload.Length);
                    wire.SendData(next.Frame, next.Payload.Span);
                    metrics.Sent(next.Payload.Length);
                    data = null;
                    next.Source.Sent(connection);
                }
                else if (data is not null || _posts.IsEmpty)
                {
                    wire.Flush();
                    _wake.Wait();
                    Volatile.Write(ref _isAwake, 0);
                    Interlocked.MemoryBarrier();
                }
            }
        }
        finally
        {
            data?.Source.Sent(connection);
        }
    }

    private (IKvSource Source, KvFrame Frame, ReadOnlyMemory<byte> Payload)? Next()
    {
        IKvSource[] sources = Volatile.Read(ref _sources);
        for (int i = 0; i < sources.Length; i++)
        {
            IKvSource source = sources[(_turn + i) % sources.Length];
            if (source.TryTake(connection, out KvFrame frame, out ReadOnlyMemory<byte> payload))
            {
                _turn = (_turn + i + 1) % sources.Length;
                return (source, frame, payload);
            }
        }

        return null;
    }
}
