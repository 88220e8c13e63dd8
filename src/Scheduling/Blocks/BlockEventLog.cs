using System.Collections.Immutable;
using XLLM.Contracts.Ids;
using XLLM.Contracts.Ports;

namespace XLLM.Scheduling.Blocks;

/// <summary>
/// Net gains and losses of a prefix cache since they were last taken: a block that came and went in between is not reported,
/// so the log is never longer than twice the pool. One thread at a time.
/// </summary>
public sealed class BlockEventLog
{
    private readonly Dictionary<BlockHash, BlockEvent> _events = new(256);

    public int Count => _events.Count;

    public void Record(BlockEvent blockEvent)
    {
        if (_events.TryGetValue(blockEvent.Block, out BlockEvent before) && before.Stored != blockEvent.Stored)
        {
            _events.Remove(blockEvent.Block);
        }
        else
        {
            _events[blockEvent.Block] = blockEvent;
        }
    }

    /// <summary>Forgets what was not taken.</summary>
    public void Clear() => _events.Clear();

    /// <summary>Moves everything into another log.</summary>
    public void MoveTo(BlockEventLog other)
    {
        foreach (BlockEvent blockEvent in _events.Values)
        {
            other.Record(blockEvent);
        }

        _events.Clear();
    }

    /// <summary>What is in the log; it is empty afterwards.</summary>
    public ImmutableArray<BlockEvent> Take()
    {
        ImmutableArray<BlockEvent> taken = [.. _events.Values];
        _events.Clear();
        return taken;
    }
}
