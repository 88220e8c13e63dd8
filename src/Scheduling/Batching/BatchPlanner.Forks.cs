using XLLM.Contracts.Requests;
using XLLM.Scheduling.Pages;

namespace XLLM.Scheduling.Batching;

/// <summary>
/// Parallel samples: the first one admitted computes the prompt, the others wait for it and then share all its blocks, the
/// partly filled last one too. Who writes into a shared block first copies it (copy-on-write, as in vLLM, SOSP 2023).
/// </summary>
public sealed partial class BatchPlanner
{
    private readonly Dictionary<string, ForkPoint> _forks = [];

    /// <summary>Samples that took a prompt over instead of computing it.</summary>
    public long Forks { get; private set; }

    /// <summary>Blocks copied because a sample wrote into a shared one.</summary>
    public long Copies { get; private set; }

    private void JoinGroup(Sequence sequence)
    {
        // What is resumed needs no first token: it shares blocks through the prefix cache.
        if (sequence.Request.Group is not { Count: > 1, Id.Length: > 0 } group || sequence.Request.Logprobs.Prompt
            || sequence.IsResumed)
        {
            return;
        }

        if (!_forks.TryGetValue(group.Id, out ForkPoint? fork))
        {
            fork = new ForkPoint(sequence);
            _forks.Add(group.Id, fork);
        }

        // A name alone is no proof: the KV of another prompt must never be taken over.
        InferenceRequest first = fork.First.Request;
        bool isSame = sequence.Request.PromptTokens.AsSpan().SequenceEqual(first.PromptTokens.AsSpan())
            && sequence.Request.CacheSalt == first.CacheSalt && group == first.Group;
        if (isSame)
        {
            sequence.Fork = fork;
            fork.Alive++;
        }
    }

    /// <summary>The sequence has ended.</summary>
    private void LeaveGroup(Sequence sequence)
    {
        if (sequence.Fork is not { } fork)
        {
            return;
        }

        Serve(sequence);
        StopLeading(sequence);
        sequence.Fork = null;
        if (--fork.Alive == 0)
        {
            Close(fork);
            _forks.Remove(sequence.Request.Group!.Value.Id);
        }
    }

    /// <summary>The sample does not need the point any more; when none does its blocks go.</summary>
    private void Serve(Sequence sequence)
    {
        ForkPoint fork = sequence.Fork!;
        if (!sequence.IsServed)
        {
            sequence.IsServed = true;
            if (++fork.Served >= sequence.Request.Group!.Value.Count)
            {
                Close(fork);
            }
        }
    }

    private static void StopLeading(Sequence sequence)
    {
        if (sequence.Fork is { } fork && fork.Leader == sequence)
        {
            fork.Leader = null;
        }
    }

    private void Close(ForkPoint fork)
    {
        _pool.ReleaseAll(fork.Table);
        fork.IsReady = false;
        fork.Logits = null;
    }

    /// <summary>Gives back what is held for samples that could compute it themselves. True when that was anything.</summary>
    private bool CloseForks()
    {
        bool any = false;
        foreach (ForkPoint fork in _forks.Values)
        {
            any |= fork.IsReady;
            Close(fork);
        }

        return any;
    }

    /// <summary>It would rather take over what another sample is computing just now.</summary>
    private bool WaitsForFork(Sequence sequence) =>
        sequence.Fork is { IsReady: false, Leader: { Paused: false } leader } && leader != sequence && !sequence.Admitted;

    /// <summary>Takes over the prompt of a sample that has computed it; nothing is left to compute then but the first token.</summary>
    private bool TryAttachFork(Sequence sequence)
    {
        if (sequence.Fork is not { IsReady: true, Logits: not null } fork || sequence.Admitted)
        {
            return false;
        }

        foreach (int block in fork.Table.Blocks.Span)
        {
            _pool.Retain(block);
            sequence.Table.Add(block);
        }

        sequence.Committed = sequence.IsCacheable ? fork.Committed : 0;
        sequence.Computed = sequence.PromptLength;
        sequence.PromptLogits = fork.Logits;
        return true;
    }

    private void LeadFork(Sequence sequence)
    {
        sequence.PromptLogits = null;
        if (sequence is { Fork: { IsReady: false, Leader: null } fork, Generated: 0 })
        {
            fork.Leader = sequence;
        }
    }

    /// <summary>The leader has computed something: with its whole prompt done the others can take it over.</summary>
    private void OpenFork(Sequence sequence)
    {
        if (sequence.Fork is not { IsReady: false } fork || fork.Leader != sequence || sequence.Computed < sequence.PromptLength)
        {
            return;
        }

        fork.Leader = null;
        Serve(sequence);
        if (fork.Served >= sequence.Request.Group!.Value.Count)
        {
            return;
        }

        int blocks = _pool.BlocksFor(sequence.PromptLength);
        for (int i = 0; i < blocks; i++)
        {
            _pool.Retain(sequence.Table[i]);
            fork.Table.Add(sequence.Table[i]);
        }

        fork.Committed = Math.Min(sequence.Committed, blocks);
        fork.IsReady = true;
    }

    /// <summary>
    /// Sees to it that the block the next token is written into is the sequence's alone. False when the sequence lost its blocks.
    /// </summary>
    private bool EnsureOwnBlock(Sequence sequence)
    {
        int at = sequence.Next / _pool.BlockTokens;
        if (at >= sequence.Table.Count || IsOwn(sequence.Table[at]))
        {
            return true;
        }

        int mapped = sequence.Range >= 0 && at < _pages!.RangePages ? _pages.PageAt(sequence.Range, at) : -1;
        int block = _pool.Allocate(mapped);
        while (block < 0)
        {
            if (!GiveWay(sequence))
            {
                return false;
            }

            if (IsOwn(sequence.Table[at]))
            {
                return true;
            }

            block = _pool.Allocate();
        }

        int shared = sequence.Table[at];
        _plan.Copies.Add(new BlockCopy(shared, block));
        Copies++;
        sequence.Table.Replace(at, block);
        sequence.Placed = Math.Min(sequence.Placed, at);
        _pool.Release(shared);
        return true;
    }

    // Another sample may have filled a shared block by a step that ran when it was shared: the cache knows it with its tokens.
    private bool IsOwn(int block) => _pool.RefsOf(block) == 1 && !_pool.IsStored(block);
}
