namespace XLLM.Engine.Transfer.Tcp;

/// <summary>
/// The receiving side of a transfer: blocks that are filled from the network, over one connection after the other. It ends when
/// all are there, or for the first reason for which they will not be. Whoever made it holds the blocks until
/// <see cref="Ended"/>: afterwards nothing writes to them. Any thread.
/// </summary>
internal sealed class KvReceiving : IKvEnd, IDisposable
{
    private readonly Lock _lock = new();
    private readonly KvTransferOptions _options;
    private readonly KvLayout _layout;
    private readonly KvTransferMetrics _metrics;
    private readonly nint[] _addresses;
    private readonly KvArrived _arrived;
    private readonly TimeProvider _time;
    private readonly ITimer _timer;
    private readonly TaskCompletionSource<KvFault> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private KvConnection? _connection;
    private KvFault? _fault;
    private long _lost;
    private int _retries;
    private int _announced;
    private int _found;
    private bool _isWriting;

    /// <param name="id">Number of the transfer.</param>
    /// <param name="first">Place of the first block in its chain.</param>
    /// <param name="addresses">Of the blocks to fill.</param>
    public KvReceiving(
        ulong id, int first, nint[] addresses, KvLayout layout, KvTransferOptions options, KvTransferMetrics metrics,
        TimeProvider time)
    {
        Id = id;
        First = first;
        _addresses = addresses;
        _layout = layout;
        _options = options;
        _metrics = metrics;
        _time = time;
        _arrived = new KvArrived(addresses.Length, layout.Layers);
        _announced = int.MaxValue;
        _lost = time.GetTimestamp();
        TimeSpan tick = options.Silence / 4;
        _timer = time.CreateTimer(_ => Tick(), null, tick, tick);
        if (addresses.Length == 0)
        {
            End(KvFault.None);
        }
    }

    public ulong Id { get; }

    public int First { get; }

    /// <summary>Blocks to fill.</summary>
    public int Count => _addresses.Length;

    /// <summary>Why it ended. Nothing writes to the blocks any more.</summary>
    public Task<KvFault> Ended => _ended.Task;

    /// <summary>Leading blocks that are there; after it has ended.</summary>
    public int Leading
    {
        get
        {
            lock (_lock)
            {
                return _arrived.Leading();
            }
        }
    }

    /// <summary>Leading blocks of the chain that the sender had before, as far as they came.</summary>
    public int Found
    {
        get
        {
            lock (_lock)
            {
                return _found;
            }
        }
    }

    private bool IsOver
    {
        get
        {
            lock (_lock)
            {
                return _fault is not null;
            }
        }
    }

    /// <summary>Goes on over this connection: says what it has and what it has room for. A hanging one before it is closed.</summary>
    public bool TryBind(KvConnection connection)
    {
        KvConnection? before;
        byte[] bits;
        lock (_lock)
        {
            if (_fault is not null)
            {
                return false;
            }

            before = _isWriting && _connection != connection ? _connection : null;
            _connection?.Detach(Id, this);
            _connection = connection;
            bits = _arrived.Bits.ToArray();
        }

        before?.Close(KvFault.Broken, "its transfer has come back over another connection");
        if (!connection.TryAttach(Id, this))
        {
            Lost(connection);
            return false;
        }

        if (IsOver)
        {
            connection.Detach(Id, this);
            return false;
        }

        connection.Post(
            new KvFrame(KvFrameKind.Grant, Id, Block: First), new KvWriter().Add(_addresses.Length).Add(bits).Written);
        return true;
    }

    public void Cancel(KvFault fault) => End(fault);

    public void Take(KvConnection connection, in KvFrame frame, ReadOnlySpan<byte> payload)
    {
        switch (frame.Kind)
        {
            case KvFrameKind.Done:
                lock (_lock)
                {
                    _announced = Math.Min(_announced, frame.Block);
                }

                EndIfAllThere();
                break;
            case KvFrameKind.Failed:
                End(FaultOf(frame));
                break;
            case KvFrameKind.Alive or KvFrameKind.Offer:
                break;
            default:
                throw new KvTransferException(KvFault.Garbage, $"A {frame.Kind} frame came to the side that receives.");
        }
    }

    public bool TryBeginWrite(KvConnection connection, in KvFrame frame, out Memory<byte> memory)
    {
        int block = frame.Block - First;
        if (block < 0 || block >= _addresses.Length || frame.Layers < 1 || frame.FirstLayer + frame.Layers > _layout.Layers
            || frame.Length != frame.Layers * _layout.LayerBytes)
        {
            throw new KvTransferException(
                KvFault.Garbage,
                $"Layers {frame.FirstLayer}+{frame.Layers} of block {frame.Block} came in {frame.Length} bytes; blocks {First}+"
                + $"{_addresses.Length} of {_layout.Layers} layers with {_layout.LayerBytes} bytes are expected.");
        }

        lock (_lock)
        {
            if (_fault is not null || _connection != connection || _isWriting
                || _arrived.HasAny(block, frame.FirstLayer, frame.Layers))
            {
                memory = default;
                return false;
            }

            _isWriting = true;
        }

        nint address = _addresses[block] + (nint)(frame.FirstLayer * _layout.LayerBytes);
        memory = new BlockMemory(address, frame.Length).Memory;
        return true;
    }

    public void EndWrite(KvConnection connection, in KvFrame frame, bool isSound)
    {
        bool isSpoilt = false;
        lock (_lock)
        {
            _isWriting = false;
            if (_fault is null && isSound)
            {
                _arrived.Add(frame.Block - First, frame.FirstLayer, frame.Layers);
                _found = frame.IsFound ? Math.Max(_found, frame.Block + 1) : _found;
            }
            else if (_fault is null && !connection.IsClosed)
            {
                isSpoilt = true;
                _retries++;
            }
        }

        if (isSpoilt)
        {
            _metrics.Retried();
            connection.Post(new KvFrame(KvFrameKind.Again, Id, 0, frame.Block, frame.FirstLayer, frame.Layers));
        }

        if (isSpoilt && _retries > _options.MaxRetries)
        {
            End(KvFault.Damaged);
        }

        EndIfAllThere();
        Complete();
    }

    public void Lost(KvConnection connection)
    {
        lock (_lock)
        {
            if (_connection == connection)
            {
                _connection = null;
                _lost = _time.GetTimestamp();
            }
        }
    }

    public void Dispose() => _timer.Dispose();

    /// <summary>The reason a Failed frame gives; one that is not known counts as broken.</summary>
    internal static KvFault FaultOf(in KvFrame frame) =>
        frame.Block is > 0 and <= (int)KvFault.Unreachable ? (KvFault)frame.Block : KvFault.Broken;

    private void Tick()
    {
        KvConnection? connection;
        TimeSpan quiet;
        lock (_lock)
        {
            connection = _connection;
            quiet = connection?.Quiet ?? _time.GetElapsedTime(_lost);
        }

        if (quiet > _options.Silence)
        {
            End(KvFault.Silent);
        }
        else
        {
            connection?.Post(new KvFrame(KvFrameKind.Alive, Id));
        }
    }

    private void EndIfAllThere()
    {
        bool isThere;
        lock (_lock)
        {
            isThere = _fault is null
                && (_arrived.Missing == 0 || (_announced != int.MaxValue && First + _arrived.Leading() >= _announced));
        }

        if (isThere)
        {
            End(KvFault.None);
        }
    }

    private void End(KvFault fault)
    {
        KvConnection? connection;
        bool isWriting;
        lock (_lock)
        {
            if (_fault is not null)
            {
                return;
            }

            _fault = fault;
            connection = _connection;
            isWriting = _isWriting;
        }

        _timer.Dispose();
        if (connection is not null)
        {
            connection.Post(
                fault == KvFault.None
                    ? new KvFrame(KvFrameKind.Over, Id)
                    : new KvFrame(KvFrameKind.Failed, Id, Block: (int)fault));
            connection.Detach(Id, this);
        }

        // Its reader is inside one of our blocks and may stay there; without it the write ends.
        if (isWriting && fault != KvFault.None)
        {
            connection?.Close(KvFault.Broken, $"a transfer has ended inside a frame: {fault}");
        }

        Complete();
    }

    private void Complete()
    {
        KvFault? fault;
        lock (_lock)
        {
            fault = _isWriting ? null : _fault;
        }

        if (fault is { } reason)
        {
            _ended.TrySetResult(reason);
        }
    }
}
