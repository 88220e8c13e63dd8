using System.Runtime.InteropServices;

namespace XLLM.Scheduling.Batching;

/// <summary>
/// Ranges of addresses: who gets which, what a step needs mapped, and what the step after it will. Nothing here changes whose
/// tokens are in a step, except that a decode near the end of its last block gets the next one a step early.
/// </summary>
public sealed partial class BatchPlanner
{
    private void GiveRange(Sequence sequence, int blocks)
    {
        if (_pages is not null)
        {
            sequence.Range = _pages.Acquire(sequence.Table.Blocks.Span, blocks, _pool);
            sequence.Placed = 0;
            sequence.OrderedAhead = 0;
        }
    }

    private void TakeRange(Sequence sequence)
    {
        if (sequence.Range >= 0)
        {
            _pages!.Release(sequence.Range);
            sequence.Range = -1;
        }
    }

    /// <summary>
    /// The block for the end of a table: the one still mapped at that place; else the one that follows the last in memory, which
    /// needs no system mapping of its own; else any.
    /// </summary>
    private int AllocateNext(Sequence sequence)
    {
        int at = sequence.Table.Count;
        if (sequence.Range < 0 || at >= _pages!.RangePages)
        {
            return _pool.Allocate();
        }

        int mapped = _pages.PageAt(sequence.Range, at);
        bool isFree = mapped >= 0 && _pool.StateOf(mapped) == Blocks.BlockState.Free;
        return _pool.Allocate(isFree ? mapped : at > 0 ? sequence.Table[at - 1] + 1 : -1);
    }

    private void PlacePages()
    {
        if (_pages is null)
        {
            return;
        }

        for (int i = 0; i < _plan.Parts.Count; i++)
        {
            StepPart part = _plan.Parts[i];
            Sequence sequence = part.Sequence;
            int needed = _pool.BlocksFor(part.Start + part.Tokens);
            int ahead = Math.Min(needed - sequence.Placed, sequence.OrderedAhead);
            if (Place(sequence, needed, _plan.Mappings) && ahead > 0)
            {
                _pages.CountAheadHits(ahead);
                sequence.OrderedAhead = 0;
            }
        }

        for (int i = 0; i < _plan.Parts.Count; i++)
        {
            PlaceAhead(_plan.Parts[i]);
        }
    }

    /// <summary>What the next step is likely to need: the next block of a decode that fills its last one, or a prompt's next chunk.</summary>
    private void PlaceAhead(StepPart part)
    {
        Sequence sequence = part.Sequence;
        int computed = part.Start + part.Tokens;
        if (sequence.Range < 0)
        {
            return;
        }

        int next = Math.Max(1, Math.Min(sequence.Length - computed, _limits.MaxTokens));
        int needed = _pool.BlocksFor(computed + next);
        bool ends = computed + 1 >= (long)sequence.PromptLength + sequence.Request.Stop.MaxTokens;
        if (needed > sequence.Table.Count && !ends && needed <= _pages!.RangePages
            && _pool.Available > _limits.WatermarkBlocks)
        {
            sequence.Table.Add(AllocateNext(sequence));
        }

        int placed = sequence.Placed;
        int orders = _plan.MappingsAhead.Count;
        int there = Math.Min(needed, sequence.Table.Count);
        if (there > placed && Place(sequence, there, _plan.MappingsAhead) && _plan.MappingsAhead.Count > orders)
        {
            // Looked at again when they are needed: until then the pages may have been given to somebody else.
            sequence.OrderedAhead = there - placed;
            sequence.Placed = placed;
        }
    }

    /// <summary>Leading blocks of the table into the range; false, and the sequence has no range any more, when that cannot be.</summary>
    private bool Place(Sequence sequence, int count, List<Pages.PageMapping> orders)
    {
        if (sequence.Range < 0)
        {
            return false;
        }

        if (count <= _pages!.RangePages
            && _pages.TryPlace(sequence.Range, sequence.Placed, sequence.Table.Blocks.Span[..count], orders))
        {
            sequence.Placed = Math.Max(sequence.Placed, count);
            return true;
        }

        TakeRange(sequence);
        return false;
    }

    private IReadOnlyList<string> CheckPages()
    {
        if (_pages is null)
        {
            return [];
        }

        List<(int, ReadOnlyMemory<int>, int)> owned = [];
        foreach (Sequence sequence in CollectionsMarshal.AsSpan(_running))
        {
            if (sequence.Range >= 0)
            {
                owned.Add((sequence.Range, sequence.Table.Blocks, sequence.Placed));
            }
        }

        return _pages.CheckIntegrity(_pool, owned);
    }
}
