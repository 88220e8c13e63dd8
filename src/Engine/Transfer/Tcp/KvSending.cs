using System.Collections.Immutable;

namespace XLLM.Engine.Transfer.Tcp;

/// <summary>
/// The sending side of a transfer: what its source has said is ready, less what the receiver has. It outlives a connection; the
/// next one takes up where the receiver says. Any thread; <see cref="RunAsync"/> once at a time.
/// </summary>
internal sealed class KvSending : IKvEnd, IKvSource, IDisposable
{
    // A receiver gives up long before.
    private const int MostAgain = 2_000;

    private readonly Lock _lock = new();
    private readonly IKvBlockStore _store;
    private readonly KvTransferOptions _options;
    private readonly TimeProvider _time;
    private readonly int[] _blocks;
    private readonly int[] _ready;
    private readonly Queue<KvPart> _parts = new();
    private readonly SemaphoreSlim _changed = new(0);
    private readonly TaskCompletionSource _answered = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ITimer _timer;
    private readonly int _frameLayers;
    private readonly TaskCompletionSource<KvFault> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private KvConnection? _connection;
    private KvArrived? _arrived;
    private KvFault? _sourceFault;
    private KvFault? _fault;
    private int _first;
    private int _found;
    private bool _isGranted;
    private bool _saidDone;
    private bool _isSending;
    private int _again;

    /// <param name="blocks">Blocks of the chain.</param>
    public KvSending(ulong id, int blocks, IKvBlockStore store, KvTransferOptions options, TimeProvider time)
    {
        Id = id;
        _store = store;
        _options = options;
        _time = time;
        _blocks = new int[blocks];
        _ready = new int[blocks];
        _frameLayers = (int)Math.Clamp(options.FrameBytes / store.Layout.LayerBytes, 1, store.Layout.Layers);
        TimeSpan tick = options.Silence / 4;
        _timer = time.CreateTimer(_ => Tick(), null, tick, tick);
    }

    public ulong Id { get; }

    /// <summary>Completes when the receiver has answered for the first time, or the transfer is over.</summary>
    public Task Answered => _answered.Task;

    /// <summary>Completes when the transfer is over.</summary>
    public Task<KvFault> Ended => _ended.Task;

    /// <summary>How it ended; null while it has not, as when only a connection broke.</summary>
    public KvFault? Fault
    {
        get
        {
            lock (_lock)
            {
                return _fault;
            }
        }
    }

    /// <summary>Layers have their content; those of a block in order.</summary>
    public void Add(in KvProgress progress)
    {
        KvConnection? connection;
        lock (_lock)
        {
            for (int i = 0; i < progress.Blocks.Length; i++)
            {
                int block = progress.First + i;
                if (block >= _blocks.Length)
                {
                    break;
                }

                if (_ready[block] != progress.FirstLayer)
                {
                    throw new InvalidOperationException(
                        $"Layers from {progress.FirstLayer} of block {block} come after {_ready[block]} layers.");
                }

                _blocks[block] = progress.Blocks[i];
                _found = progress.IsFound ? block + 1 : _found;
                _ready[block] += progress.Layers;
                Queue(new KvPart(block, progress.FirstLayer, progress.Layers));
            }

            connection = _connection;
        }

        connection?.Wake();
    }

    /// <summary>Nothing more will be added, and why.</summary>
    public void EndSource(KvFault fault)
    {
        KvConnection? connection;
        lock (_lock)
        {
            _sourceFault ??= fault;
            connection = _connection;
        }

        connection?.Wake();
    }

    /// <summary>Ends it; the other side is told where it can be.</summary>
    public void Cancel(KvFault fault)
    {
        KvConnection? connection;
        lock (_lock)
        {
            connection = _fault is null ? _connection : null;
        }

        connection?.Post(new KvFrame(KvFrameKind.Failed, Id, Block: (int)fault));
        End(fault);
    }

    /// <summary>
    /// Sends over the connection until the transfer is over or the connection is. The caller has attached this and opened the
    /// transfer there. Afterwards no block is read any more.
    /// </summary>
    public async Task RunAsync(KvConnection connection)
    {
        connection.Feed(this);
        while (IsOn(connection))
        {
            await _changed.WaitAsync().ConfigureAwait(false);
        }

        connection.Starve(this);
    }

    public bool TryTake(KvConnection connection, out KvFrame frame, out ReadOnlyMemory<byte> payload)
    {
        (frame, payload) = (default, default);
        KvFrame? last;
        lock (_lock)
        {
            if (_fault is not null || _connection != connection || !_isGranted)
            {
                return false;
            }

            if (_parts.TryDequeue(out KvPart part))
            {
                KvLayout layout = _store.Layout;
                nint address = _store.AddressOf(_blocks[part.Block]) + (nint)(part.FirstLayer * layout.LayerBytes);
                payload = new BlockMemory(address, checked((int)(part.Layers * layout.LayerBytes))).Memory;
                frame = new KvFrame(
                    KvFrameKind.Data, Id, payload.Length, part.Block, part.FirstLayer, part.Layers, IsFound: part.Block < _found);
                _isSending = true;
                return true;
            }

            last = LastFrame();
            _saidDone |= last is not null;
        }

        if (last is { } end)
        {
            connection.Post(end);
            if (end.Kind == KvFrameKind.Failed)
            {
                End((KvFault)end.Block);
            }
        }

        return false;
    }

    public void Sent(KvConnection connection)
    {
        lock (_lock)
        {
            _isSending = false;
        }

        if (!IsOn(connection))
        {
            _changed.Release();
        }
    }

    /// <summary>Joins a connection, before the transfer is opened there.</summary>
    public bool TryBind(KvConnection connection)
    {
        lock (_lock)
        {
            if (_fault is not null)
            {
                return false;
            }

            _connection = connection;
            _isGranted = false;
            _saidDone = false;
        }

        if (connection.TryAttach(Id, this))
        {
            return true;
        }

        Lost(connection);
        return false;
    }

    public void Take(KvConnection connection, in KvFrame frame, ReadOnlySpan<byte> payload)
    {
        switch (frame.Kind)
        {
            case KvFrameKind.Grant:
                TakeGrant(connection, frame.Block, payload);
                break;
            case KvFrameKind.Again:
                TakeAgain(connection, frame);
                break;
            case KvFrameKind.Over:
                End(KvFault.None);
                break;
            case KvFrameKind.Failed:
                End(KvReceiving.FaultOf(frame));
                break;
            case KvFrameKind.Alive:
                break;
            default:
                throw new KvTransferException(KvFault.Garbage, $"A {frame.Kind} frame came to the side that sends.");
        }
    }

    public bool TryBeginWrite(KvConnection connection, in KvFrame frame, out Memory<byte> memory) =>
        throw new KvTransferException(KvFault.Garbage, "A data frame came to the side that sends.");

    public void EndWrite(KvConnection connection, in KvFrame frame, bool isSound)
    {
    }

    public void Lost(KvConnection connection)
    {
        lock (_lock)
        {
            if (_connection == connection)
            {
                _connection = null;
            }
        }

        _changed.Release();
    }

    public void Dispose()
    {
        _timer.Dispose();
        _connection?.Detach(Id, this);
    }

    private bool IsOn(KvConnection connection)
    {
        lock (_lock)
        {
            return _isSending || (_fault is null && _connection == connection);
        }
    }

    /// <summary>What is said when there is nothing to send: that this was all, that there will be nothing more, or nothing yet.</summary>
    private KvFrame? LastFrame() => _sourceFault switch
    {
        null => null,
        KvFault.None when !_saidDone => new KvFrame(KvFrameKind.Done, Id, Block: Leading()),
        KvFault.None => null,
        { } fault => new KvFrame(KvFrameKind.Failed, Id, Block: (int)fault),
    };

    private int Leading()
    {
        int leading = Array.FindIndex(_ready, layers => layers < _store.Layout.Layers);
        return leading < 0 ? _ready.Length : leading;
    }

    /// <summary>Puts what the receiver has no layers of in the queue, in frames of a good size.</summary>
    private void Queue(KvPart part)
    {
        if (!_isGranted || _arrived is null || part.Block < _first || part.Block >= _first + _arrived.Blocks)
        {
            return;
        }

        int end = part.FirstLayer + part.Layers;
        for (int layer = part.FirstLayer; layer < end;)
        {
            int count = 0;
            while (layer + count < end && count < _frameLayers && !_arrived.Has(part.Block - _first, layer + count))
            {
                count++;
            }

            if (count > 0)
            {
                _parts.Enqueue(new KvPart(part.Block, layer, count));
            }

            layer += Math.Max(1, count);
        }
    }

    private void TakeGrant(KvConnection connection, int first, ReadOnlySpan<byte> payload)
    {
        KvLayout layout = _store.Layout;
        KvReader reader = new(payload);
        if (first > _blocks.Length)
        {
            throw new KvTransferException(KvFault.Garbage, $"A grant begins at block {first} of {_blocks.Length}.");
        }

        int count = reader.Count(0, _blocks.Length - first);
        ReadOnlySpan<byte> bits = reader.Bytes(KvArrived.BytesFor(count, layout.Layers));
        reader.End();
        lock (_lock)
        {
            if (_isGranted)
            {
                throw new KvTransferException(KvFault.Garbage, "A second grant came on a connection.");
            }

            _first = first;
            _arrived = KvArrived.Of(count, layout.Layers, bits);
            _isGranted = true;
            _saidDone = false;
            _parts.Clear();
            for (int block = first; block < first + count; block++)
            {
                Queue(new KvPart(block, 0, _ready[block]));
            }
        }

        _answered.TrySetResult();
        connection.Wake();
    }

    private void TakeAgain(KvConnection connection, in KvFrame frame)
    {
        lock (_lock)
        {
            bool isSent = _isGranted && frame.Block < _blocks.Length && frame.Layers > 0
                && frame.FirstLayer + frame.Layers <= _ready[frame.Block];
            if (!isSent || ++_again > MostAgain)
            {
                throw new KvTransferException(
                    KvFault.Garbage,
                    $"Layers {frame.FirstLayer}+{frame.Layers} of block {frame.Block} are wanted again, which were not sent.");
            }

            Queue(new KvPart(frame.Block, frame.FirstLayer, frame.Layers));
            _saidDone = false;
        }

        connection.Wake();
    }

    private void Tick()
    {
        KvConnection? connection;
        lock (_lock)
        {
            connection = _fault is null || _isSending ? _connection : null;
        }

        if (connection is not null && connection.Quiet > _options.Silence)
        {
            connection.Close(KvFault.Silent, "nothing was heard from the side that receives");
        }
        else
        {
            connection?.Post(new KvFrame(KvFrameKind.Alive, Id));
        }
    }

    private void End(KvFault fault)
    {
        KvConnection? connection;
        lock (_lock)
        {
            if (_fault is not null)
            {
                return;
            }

            _fault = fault;
            connection = _connection;
        }

        connection?.Detach(Id, this);
        _answered.TrySetResult();
        _ended.TrySetResult(fault);
        _changed.Release();
    }
}
