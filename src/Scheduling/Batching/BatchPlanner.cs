using XLLM.Contracts.Requests;
using XLLM.Scheduling.Blocks;
using XLLM.Scheduling.Pages;

namespace XLLM.Scheduling.Batching;

/// <summary>
/// Continuous batching over one block pool: who waits, who runs, and step by step whose tokens are computed. The policy
/// decides the order; this class keeps the promises: budgets hold, blocks are there before a step needs them, a sequence that
/// loses its blocks is computed again and never lost, and the first sequence in order always gets on, so that nothing
/// deadlocks as long as every single sequence fits the pool. The next step may be planned while one runs: what that one
/// computes counts as done (<see cref="Begin"/>). Blocks given back meanwhile may still be read or written by it, but whoever
/// gets them uses them in a later step. Pure: no clock, no chance. One thread.
/// </summary>
public sealed partial class BatchPlanner : IBatchStep
{
    private readonly BlockPool _pool;
    private readonly BatchLimits _limits;
    private readonly IBatchPolicy _policy;
    private readonly WaitingQueue _online = new();
    private readonly WaitingQueue _offline = new();
    private readonly List<Sequence> _running = [];
    private readonly int[] _leaving;
    private readonly PageMap? _pages;
    private readonly Func<Sequence, bool> _waitsForFork;
    private StepPlan _plan = new();
    private bool _pressed;
    private long _order;

    /// <summary>A planner over a pool in which nothing is held. With the pool's pages it gives sequences ranges.</summary>
    public BatchPlanner(BlockPool pool, BatchLimits limits, IBatchPolicy policy)
    {
        ArgumentNullException.ThrowIfNull(pool);
        ArgumentNullException.ThrowIfNull(limits);
        ArgumentNullException.ThrowIfNull(policy);
        limits.Check();
        _pool = pool;
        _limits = limits;
        _policy = policy;
        _leaving = new int[pool.Ids];
        _pages = pool.Pages;
        _waitsForFork = WaitsForFork;
    }

    public IReadOnlyList<Sequence> Running => _running;

    public int WaitingCount => _online.Count + _offline.Count;

    /// <summary>Waiting sequences that were in a batch before and lost their blocks.</summary>
    public int PreemptedCount => _online.CountAdmitted() + _offline.CountAdmitted();

    public int TokensLeft => _limits.MaxTokens - _plan.Tokens;

    public int TokensPlanned => _plan.Tokens;

    /// <summary>Prompt tokens of sequences at their first admission.</summary>
    public long PrefixQueryTokens { get; private set; }

    /// <summary>Those of them that the prefix cache had.</summary>
    public long PrefixHitTokens { get; private set; }

    public long Preemptions { get; private set; }

    /// <summary>Puts a new sequence at the end of its queue.</summary>
    public void Enqueue(Sequence sequence)
    {
        sequence.Order = _order++;
        sequence.Stage = SequenceStage.Waiting;
        QueueOf(sequence).Insert(sequence);
        JoinGroup(sequence);
    }

    /// <summary>Takes a sequence out, wherever it is. Its blocks are available at once. No effect when it has ended.</summary>
    public void End(Sequence sequence)
    {
        if (sequence.Stage == SequenceStage.Running)
        {
            _running.Remove(sequence);
            _pool.ReleaseAll(sequence.Table);
            TakeRange(sequence);
        }
        else if (sequence.Stage == SequenceStage.Waiting)
        {
            QueueOf(sequence).Remove(sequence);
        }

        sequence.Stage = SequenceStage.Ended;
        LeaveGroup(sequence);
    }

    /// <summary>
    /// Plans the next step into <paramref name="plan"/>. Waiting sequences whose deadline has passed are ended; the plan's
    /// decisions name them. After the step has run every part is answered by <see cref="Complete"/>.
    /// </summary>
    public void Plan(StepPlan plan, DateTimeOffset now)
    {
        plan.Clear();
        _plan = plan;
        _pressed = false;
        Expire(_online, now);
        Expire(_offline, now);
        _policy.Plan(this);
        PlacePages();
        foreach (Sequence sequence in _running)
        {
            sequence.Planned = 0;
        }
    }

    /// <summary>
    /// The part runs from now on. The next plan takes its tokens for computed and, when <paramref name="awaits"/>, counts on
    /// one more token that it will give. <see cref="Complete"/> or <see cref="Abandon"/> answers.
    /// </summary>
    public void Begin(StepPart part, bool awaits)
    {
        if (part.Sequence.Stage == SequenceStage.Running)
        {
            part.Sequence.InFlight = part.Tokens;
            part.Sequence.AwaitsToken = awaits;
        }
    }

    /// <summary>What the running step computes of the sequence is lost; it is planned again.</summary>
    public void Abandon(Sequence sequence)
    {
        sequence.InFlight = 0;
        sequence.AwaitsToken = false;
    }

    /// <summary>
    /// Whether the sequence still has the blocks that a part begun wrote to; not so when it was pre-empted meanwhile, and its
    /// KV is lost.
    /// </summary>
    public static bool IsKept(StepPart part) =>
        part.Sequence.Stage == SequenceStage.Running && part.Sequence.InFlight == part.Tokens
        && part.Sequence.Computed == part.Start;

    /// <summary>The next <paramref name="tokens"/> pending tokens have KV now; blocks that became full can be found.</summary>
    public void Complete(Sequence sequence, int tokens)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(tokens, sequence.Count - sequence.Computed);
        Abandon(sequence);
        if (sequence.Stage == SequenceStage.Running)
        {
            sequence.Computed += tokens;
            Commit(sequence);
            OpenFork(sequence);
        }
    }

    /// <summary>The row of the last known token is wanted once more: it counts as not computed. In no step.</summary>
    public void Repeat(Sequence sequence)
    {
        sequence.Computed = Math.Min(sequence.Computed, sequence.Count - 1);
        sequence.Committed = Math.Min(sequence.Committed, sequence.Computed / _pool.BlockTokens);
    }

    /// <summary>Earliest deadline of a sequence that has never run, or null.</summary>
    public DateTimeOffset? NextDeadline()
    {
        DateTimeOffset? earliest = null;
        for (int i = 0; i < WaitingCount; i++)
        {
            Sequence sequence = i < _online.Count ? _online[i] : _offline[i - _online.Count];
            if (sequence.Deadline is { } deadline && !(deadline > earliest))
            {
                earliest = deadline;
            }
        }

        return earliest;
    }

    /// <summary>Tokens of prompts, and of pre-empted sequences, that are still to be computed.</summary>
    public long PendingPrefillTokens()
    {
        long tokens = 0;
        for (int i = 0; i < _online.Count; i++)
        {
            tokens += _online[i].Pending;
        }

        for (int i = 0; i < _offline.Count; i++)
        {
            tokens += _offline[i].Pending;
        }

        foreach (Sequence sequence in _running)
        {
            tokens += sequence.Pending > 1 ? sequence.Pending : 0;
        }

        return tokens;
    }

    /// <summary>
    /// Audits pool and sequences between two steps. Empty = sound; else one line a fault. <paramref name="others"/> are tables
    /// that hold blocks of the pool outside of sequences.
    /// </summary>
    public IReadOnlyList<string> CheckIntegrity(params IEnumerable<BlockTable> others)
    {
        List<string> faults = [.. _pool.CheckIntegrity([.. Tables(), .. others]), .. CheckPages()];
        foreach (Sequence sequence in _running)
        {
            string name = sequence.Request.Id.Value;
            if (sequence.Stage != SequenceStage.Running)
            {
                faults.Add($"{name}: in the batch, but {sequence.Stage}");
            }

            if (sequence.Next > sequence.Table.Count * _pool.BlockTokens || sequence.Computed >= sequence.Count)
            {
                faults.Add($"{name}: {sequence.Computed} of {sequence.Count} tokens computed in {sequence.Table.Count} blocks");
            }
        }

        for (int i = 0; i < WaitingCount; i++)
        {
            Sequence sequence = i < _online.Count ? _online[i] : _offline[i - _online.Count];
            if (sequence.Stage != SequenceStage.Waiting || sequence.Table.Count > 0 || sequence.Computed > 0)
            {
                faults.Add($"{sequence.Request.Id}: waits, but {sequence.Stage} with {sequence.Table.Count} blocks");
            }
        }

        return faults;
    }

    private IEnumerable<BlockTable> Tables() =>
        [.. _running.Select(sequence => sequence.Table), .. _forks.Values.Select(fork => fork.Table)];

    private void Expire(WaitingQueue queue, DateTimeOffset now)
    {
        for (int i = queue.Count - 1; i >= 0; i--)
        {
            Sequence sequence = queue[i];
            if (sequence.Deadline <= now)
            {
                queue.RemoveAt(i);
                sequence.Stage = SequenceStage.Ended;
                LeaveGroup(sequence);
                _plan.Note(new BatchDecision(BatchDecisionKind.Expired, sequence, 0));
            }
        }
    }

    private WaitingQueue QueueOf(Sequence sequence) => IsOffline(sequence) ? _offline : _online;

    private static bool IsOffline(Sequence sequence) => sequence.Request.Priority == RequestPriority.Offline;
}
