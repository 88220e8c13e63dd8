namespace XLLM.Scheduling.Batching;

/// <summary>Drafts: guesses verified in the same step as a sequence's last known token. They take only what is left.</summary>
public sealed partial class BatchPlanner
{
    /// <summary>
    /// Adds guesses to a part of the plan just made, which samples and none of whose tokens are awaited: as many of the first
    /// as the step's rows and the blocks above the watermark allow. Nobody loses blocks for them. Returns how many.
    /// </summary>
    public int AddDraft(int part, ReadOnlySpan<int> draft)
    {
        StepPart its = _plan.Parts[part];
        Sequence sequence = its.Sequence;
        if (its.Outputs != 1 || its.Draft > 0 || sequence.Computed + its.Tokens != sequence.Count)
        {
            throw new InvalidOperationException("Only a part with one row of logits, after all known tokens, can have a draft.");
        }

        int tokens = Math.Min(draft.Length, Math.Min(TokensLeft, OutputsLeft));
        while (tokens > 0 && sequence.Table.Count < _pool.BlocksFor(sequence.Count + tokens))
        {
            if (_pool.Available > _limits.WatermarkBlocks && AllocateNext(sequence) is >= 0 and int block)
            {
                sequence.Table.Add(block);
            }
            else
            {
                tokens = Math.Min(tokens, (sequence.Table.Count * _pool.BlockTokens) - sequence.Count);
            }
        }

        if (tokens > 0)
        {
            sequence.SetDraft(draft[..tokens]);
            _plan.Extend(part, tokens);
            if (_pages is not null)
            {
                Place(sequence, _pool.BlocksFor(sequence.Count + tokens), _plan.Mappings);
            }
        }

        return Math.Max(0, tokens);
    }

    /// <summary>
    /// The sequence's draft has been answered: guesses are forgotten, and blocks that only they needed are given back. What
    /// was right has been appended and completed like any token.
    /// </summary>
    public void EndDraft(Sequence sequence)
    {
        sequence.SetDraft([]);
        for (int last = sequence.Table.Count - 1; last >= _pool.BlocksFor(sequence.Count); last--)
        {
            _pool.Release(sequence.Table[last]);
            sequence.Table.RemoveLast();
        }

        sequence.Placed = Math.Min(sequence.Placed, sequence.Table.Count);
    }
}
