using System.Diagnostics.CodeAnalysis;
using System.Threading.Channels;
using XLLM.Contracts.Ports;

namespace XLLM.Engine.Loop;

/// <summary>
/// The engine's output. The engine's thread asks <see cref="IsFull"/> before it starts a step and never waits in a write, so
/// it stays open to commands while nobody reads; what ends requests is always taken, and bounded by their number. The reader
/// wakes the engine when it makes room, and gives outputs back here, so that they are used again.
/// </summary>
internal sealed class OutputQueue(int capacity, Action onRoom) : ChannelReader<EngineOutput>
{
    private readonly Channel<EngineOutput> _channel =
        Channel.CreateUnbounded<EngineOutput>(new UnboundedChannelOptions { SingleWriter = true, SingleReader = false });

    // Outputs that are read but not given back yet are new ones then; the rest goes round.
    private readonly StepOutput?[] _spare = new StepOutput?[capacity + 2];

    // An object and not a Lock, here as in all that the engine's threads share while they decode: a thread that has to wait for a
    // Lock takes memory from the heap the first time, 136 to 192 bytes.
    private readonly object _spareLock = new();
    private int _spareCount;
    private int _unread;

    /// <summary>As many steps are unread as may be.</summary>
    public bool IsFull => Volatile.Read(ref _unread) >= capacity;

    /// <summary>Steps that may still be written before it is full.</summary>
    public int Room => Math.Max(0, capacity - Volatile.Read(ref _unread));

    public override Task Completion => _channel.Reader.Completion;

    public override bool CanCount => true;

    public override int Count => Volatile.Read(ref _unread);

    /// <summary>An empty output: one that was given back, or a new one.</summary>
    public StepOutput Rent()
    {
        lock (_spareLock)
        {
            return _spareCount > 0 ? _spare[--_spareCount]! : new StepOutput(this);
        }
    }

    /// <summary>Takes an empty output for later use. Any thread.</summary>
    public void TakeBack(StepOutput output)
    {
        lock (_spareLock)
        {
            if (_spareCount < _spare.Length)
            {
                _spare[_spareCount++] = output;
            }
        }
    }

    public void Write(EngineOutput output)
    {
        Interlocked.Increment(ref _unread);
        _channel.Writer.TryWrite(output);
    }

    /// <summary>Nothing follows; what is unread can still be read.</summary>
    public void Complete() => _channel.Writer.TryComplete();

    public override bool TryRead([MaybeNullWhen(false)] out EngineOutput item)
    {
        if (!_channel.Reader.TryRead(out item))
        {
            return false;
        }

        if (Interlocked.Decrement(ref _unread) == capacity - 1)
        {
            onRoom();
        }

        return true;
    }

    public override ValueTask<bool> WaitToReadAsync(CancellationToken cancellationToken = default) =>
        _channel.Reader.WaitToReadAsync(cancellationToken);
}
