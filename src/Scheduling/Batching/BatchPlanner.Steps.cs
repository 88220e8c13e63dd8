using XLLM.Contracts.Requests;

namespace XLLM.Scheduling.Batching;

/// <summary>What a policy may do: schedule and admit.</summary>
public sealed partial class BatchPlanner
{
    private int OutputsLeft => _limits.MaxOutputs - _plan.Outputs;

    public bool TrySchedule(Sequence sequence, int maxTokens)
    {
        if (sequence.Stage != SequenceStage.Running || sequence.Paused || sequence.Planned > 0)
        {
            return false;
        }

        int tokens = Fit(sequence, maxTokens);
        if (tokens <= 0 || !EnsureOwnBlock(sequence) || !EnsureBlocks(sequence, sequence.Next + tokens))
        {
            return false;
        }

        AddPart(sequence, Math.Min(tokens, Fit(sequence, maxTokens)));
        return true;
    }

    public AdmitResult TryAdmit(RequestPriority priority, int maxTokens)
    {
        Sequence? sequence = (priority == RequestPriority.Offline ? _offline : _online).Head(_waitsForFork);
        if (sequence is null)
        {
            return AdmitResult.Empty;
        }

        if (_pressed || maxTokens <= 0 || TokensLeft == 0 || OutputsLeft == 0)
        {
            return AdmitResult.Blocked;
        }

        bool forked = TryAttachFork(sequence);
        if (!forked)
        {
            AttachPrefix(sequence);
        }

        if (!MakeRoom(sequence))
        {
            Detach(sequence);
            return AdmitResult.Blocked;
        }

        sequence.Table.Reserve(sequence.RoomInBlocks(_pool.BlockTokens));
        int needed = _pool.BlocksFor(sequence.Length);
        GiveRange(sequence, needed);
        while (sequence.Table.Count < needed)
        {
            sequence.Table.Add(AllocateNext(sequence));
        }

        Join(sequence, forked ? BatchDecisionKind.Forked : BatchDecisionKind.Admitted);
        if (forked)
        {
            Forks++;
            Serve(sequence);
            return AdmitResult.Admitted;
        }

        LeadFork(sequence);
        AddPart(sequence, Fit(sequence, maxTokens));
        return AdmitResult.Admitted;
    }

    /// <summary>Tokens of the sequence that the budgets allow.</summary>
    private int Fit(Sequence sequence, int maxTokens)
    {
        int tokens = Math.Min(Math.Min(sequence.Pending, maxTokens), TokensLeft);
        if (sequence.WantsAllRows)
        {
            return Math.Min(tokens, OutputsLeft);
        }

        return tokens == sequence.Pending && OutputsLeft == 0 && !sequence.SamplesNothing ? tokens - 1 : tokens;
    }

    private void AddPart(Sequence sequence, int tokens)
    {
        bool samples = tokens == sequence.Pending && !sequence.SamplesNothing;
        int outputs = sequence.WantsAllRows ? tokens : samples ? 1 : 0;
        (int from, int hidden) = HiddenRows(sequence, tokens);
        _plan.Add(new StepPart(sequence, tokens, outputs)
        {
            Start = sequence.Next, Samples = samples, HiddenFrom = from, Hidden = hidden,
        });
    }

    private static (int From, int Count) HiddenRows(Sequence sequence, int tokens) => sequence.Request.Pooling switch
    {
        PoolingKind.Last when tokens == sequence.Pending => (tokens - 1, 1),
        PoolingKind.Mean => (0, tokens),
        PoolingKind.First when sequence.Next == 0 => (0, 1),
        _ => (0, 0),
    };

    private void Join(Sequence sequence, BatchDecisionKind how)
    {
        QueueOf(sequence).Remove(sequence);
        int at = _running.Count;
        while (at > 0 && IsBefore(sequence, _running[at - 1]))
        {
            at--;
        }

        _running.Insert(at, sequence);
        sequence.Stage = SequenceStage.Running;
        if (!sequence.Admitted)
        {
            sequence.Admitted = true;
            int cached = Math.Min(sequence.Computed, sequence.MostCached);
            sequence.CachedTokens = Math.Min(cached, sequence.PromptLength);
            PrefixQueryTokens += sequence.Count;
            PrefixHitTokens += cached;
        }

        _plan.Note(new BatchDecision(how, sequence, sequence.Computed));
    }

    /// <summary>The order of all lists: by class of priority, then by arrival.</summary>
    internal static bool IsBefore(Sequence one, Sequence two) => one.Request.Priority == two.Request.Priority
        ? one.Order < two.Order
        : one.Request.Priority < two.Request.Priority;
}
