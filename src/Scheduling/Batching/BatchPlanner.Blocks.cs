using XLLM.Scheduling.Blocks;

namespace XLLM.Scheduling.Batching;

/// <summary>Blocks: the prefix cache, room for admissions, growth and pre-emption.</summary>
public sealed partial class BatchPlanner
{
    /// <summary>
    /// Shares the leading blocks that the prefix cache has. At least one token is left to compute, because sampling needs its
    /// logits.
    /// </summary>
    private void AttachPrefix(Sequence sequence)
    {
        if (!sequence.IsCacheable)
        {
            return;
        }

        int limit = (sequence.Length - 1) / _pool.BlockTokens;
        int parent = -1;
        for (int i = 0; i < limit; i++)
        {
            ReadOnlySpan<int> tokens = sequence.BlockOf(i, _pool.BlockTokens);
            int block = _pool.Find(sequence.HashOf(i), parent, tokens, sequence.Request.CacheSalt);
            if (block < 0)
            {
                break;
            }

            _pool.Retain(block);
            sequence.Table.Add(block);
            parent = block;
        }

        sequence.Committed = sequence.Table.Count;
        sequence.Computed = sequence.Table.Count * _pool.BlockTokens;
    }

    /// <summary>
    /// Adds the leading full blocks of the sequence's known tokens that the prefix cache has to an empty table, which then holds
    /// them too; none when they are fewer than <paramref name="least"/>.
    /// </summary>
    public void ShareCached(Sequence sequence, BlockTable table, int least)
    {
        for (int at = 0; sequence.IsCacheable && at < sequence.Count / _pool.BlockTokens; at++)
        {
            ReadOnlySpan<int> tokens = sequence.BlockOf(at, _pool.BlockTokens);
            int block = _pool.Find(sequence.HashOf(at), at == 0 ? -1 : table[at - 1], tokens, sequence.Request.CacheSalt);
            if (block < 0)
            {
                break;
            }

            _pool.Retain(block);
            table.Add(block);
        }

        if (table.Count < least)
        {
            _pool.ReleaseAll(table);
        }
    }

    private void Detach(Sequence sequence)
    {
        _pool.ReleaseAll(sequence.Table);
        TakeRange(sequence);
        sequence.Committed = 0;
        sequence.Computed = 0;
        sequence.InFlight = 0;
    }

    /// <summary>
    /// Sees to a place in the batch and to blocks for all known tokens. Online sequences may push out offline ones; when
    /// everything that runs is paused, paused ones may be pushed out too. Nothing is pushed out in vain.
    /// </summary>
    private bool MakeRoom(Sequence sequence)
    {
        int needed = _pool.BlocksFor(sequence.Length) - sequence.Table.Count;
        bool takesOffline = !IsOffline(sequence);
        bool takesPaused = _running.TrueForAll(static running => running.Paused);
        int watermark = takesPaused ? 0 : _limits.WatermarkBlocks;

        bool hasRoom = WouldHaveRoom(needed + watermark, takesOffline, takesPaused);
        if (!hasRoom && CloseForks())
        {
            hasRoom = WouldHaveRoom(needed + watermark, takesOffline, takesPaused);
        }

        if (!hasRoom)
        {
            return false;
        }

        for (int i = _running.Count - 1; i >= 0 && !HasRoom(needed + watermark); i--)
        {
            if (CanPushOut(_running[i], takesOffline, takesPaused))
            {
                Preempt(_running[i]);
            }
        }

        return HasRoom(needed + watermark);
    }

    /// <summary>Whether there is room once all that may be pushed out is: a block comes free when all its holders go.</summary>
    private bool WouldHaveRoom(int blocks, bool takesOffline, bool takesPaused)
    {
        int available = _pool.Available;
        int places = _limits.MaxRunning - _running.Count;
        foreach (Sequence running in _running)
        {
            if (CanPushOut(running, takesOffline, takesPaused))
            {
                places++;
                foreach (int block in running.Table.Blocks.Span)
                {
                    available += ++_leaving[block] == _pool.RefsOf(block) ? 1 : 0;
                }
            }
        }

        Array.Clear(_leaving);
        return places >= 1 && available >= blocks;
    }

    private bool HasRoom(int blocks) => _running.Count < _limits.MaxRunning && _pool.Available >= blocks;

    private static bool CanPushOut(Sequence running, bool takesOffline, bool takesPaused) =>
        (takesOffline && IsOffline(running)) || (takesPaused && running.Paused);

    /// <summary>Blocks for so many tokens of a running sequence; false when it lost its own instead.</summary>
    private bool EnsureBlocks(Sequence sequence, int tokens)
    {
        int needed = _pool.BlocksFor(tokens);
        while (sequence.Table.Count < needed)
        {
            int block = AllocateNext(sequence);
            if (block >= 0)
            {
                sequence.Table.Add(block);
                continue;
            }

            if (!GiveWay(sequence))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>There is no block left for the sequence: somebody gives some back. False when it was the sequence itself.</summary>
    private bool GiveWay(Sequence sequence)
    {
        _pressed = true;
        if (CloseForks())
        {
            return true;
        }

        Sequence victim = Victim(sequence);
        Preempt(victim);
        return victim != sequence;
    }

    /// <summary>The last in the batch after the one in need; else the last paused one; else the one in need.</summary>
    private Sequence Victim(Sequence sequence)
    {
        for (int i = _running.Count - 1; i >= 0 && _running[i] != sequence; i--)
        {
            if (!_running[i].Paused)
            {
                return _running[i];
            }
        }

        for (int i = _running.Count - 1; i >= 0; i--)
        {
            if (_running[i].Paused)
            {
                return _running[i];
            }
        }

        return sequence;
    }

    private void Preempt(Sequence victim)
    {
        if (victim.Planned > 0)
        {
            _plan.Remove(victim);
        }

        int blocks = victim.Table.Count;
        StopLeading(victim);
        Detach(victim);
        _running.Remove(victim);
        victim.Stage = SequenceStage.Waiting;
        victim.Preemptions++;
        Preemptions++;
        QueueOf(victim).Insert(victim);
        _plan.Note(new BatchDecision(BatchDecisionKind.Preempted, victim, blocks));
    }

    /// <summary>
    /// Makes the full computed blocks findable. Where an equal block is known already, the sequence goes over to it and gives
    /// its own back: same tokens after the same prefix have the same KV, bit for bit.
    /// </summary>
    private void Commit(Sequence sequence)
    {
        int size = _pool.BlockTokens;
        while (sequence.IsCacheable && (sequence.Committed + 1) * size <= sequence.Computed)
        {
            int at = sequence.Committed;
            int parent = at == 0 ? -1 : sequence.Table[at - 1];
            ReadOnlySpan<int> tokens = sequence.BlockOf(at, size);
            int known = _pool.Find(sequence.HashOf(at), parent, tokens, sequence.Request.CacheSalt);
            if (known >= 0)
            {
                _pool.Retain(known);
                _pool.Release(sequence.Table[at]);
                sequence.Table.Replace(at, known);
                sequence.Placed = Math.Min(sequence.Placed, at);
            }
            else if (!_pool.TryStore(sequence.Table[at], sequence.HashOf(at), parent, tokens, sequence.Request.CacheSalt))
            {
                sequence.StopCaching();
                return;
            }

            sequence.Committed++;
        }
    }
}
