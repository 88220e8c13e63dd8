using XLLM.Contracts.Ids;
using XLLM.Contracts.Requests;
using XLLM.Scheduling.Batching;
using XLLM.Scheduling.Blocks;
using XLLM.Scheduling.Pages;
using XLLM.Scheduling.Tests.Pages;

namespace XLLM.Scheduling.Tests.Batching;

/// <summary>
/// An engine that plans the next step while one runs, and may take that plan back. A running step reads and writes its blocks at
/// the latest possible moment, through its range where it has one; orders are carried out when a step starts.
/// </summary>
internal sealed class PlannerPipeline
{
    private readonly int[] _kv;
    private readonly PageSpace _space;
    private readonly StepPlan _plan = new();
    private readonly List<BlockCopy> _copies = [];
    private readonly List<PageMapping> _mappings = [];
    private List<Run> _running = [];

    public PlannerPipeline(PageMap map, BlockPool pool, BatchLimits limits, IBatchPolicy policy)
    {
        Pool = pool;
        Planner = new BatchPlanner(pool, limits, policy);
        Hasher = new BlockHasher(pool.BlockTokens);
        _space = new PageSpace(map.Ranges, map.RangePages);
        _kv = new int[pool.Blocks * pool.BlockTokens];
    }

    public BlockPool Pool { get; }

    public BatchPlanner Planner { get; }

    public BlockHasher Hasher { get; }

    public bool IsIdle => _running.Count == 0;

    public Sequence Add(string id, int[] prompt, int maxTokens, SampleGroup? group)
    {
        InferenceRequest request = new()
        {
            Id = new RequestId(id),
            Model = "m",
            PromptTokens = [.. prompt],
            BlockHashes = Hasher.HashPrompt(prompt),
            Stop = new StopOptions { MaxTokens = maxTokens },
            Group = group,
        };
        Sequence sequence = new(request, Hasher);
        Planner.Enqueue(sequence);
        return sequence;
    }

    /// <summary>Plans a step, ends the running one, starts the planned one. Returns what has ended.</summary>
    public List<Sequence> Step(bool takesBack)
    {
        List<Sequence> ended = [];
        List<PageMapping> ahead = Plan(ended);
        if (takesBack)
        {
            _mappings.AddRange(ahead);
            ahead = Plan(ended);
        }

        List<Run> next = [.. _plan.Parts.Select(part => new Run(part, [.. part.Sequence.Table.Blocks.Span], part.Sequence.Range))];
        _running.ForEach(run => Finish(run, ended));
        next.RemoveAll(run => run.Part.Sequence.Stage == SequenceStage.Ended);
        foreach (Run run in next)
        {
            Planner.Begin(run.Part, run.Part.Samples && !IsLast(run.Part.Sequence));
        }

        Start(next, ahead);
        _running = next;
        Assert.Empty(Planner.CheckIntegrity());
        return ended;
    }

    private static bool IsLast(Sequence sequence) => sequence.Generated + 1 >= sequence.Request.Stop.MaxTokens;

    private List<PageMapping> Plan(List<Sequence> ended)
    {
        Planner.Plan(_plan, DateTimeOffset.UnixEpoch);
        _copies.AddRange(_plan.Copies);
        _mappings.AddRange(_plan.Mappings);
        foreach (BatchDecision decision in _plan.Decisions)
        {
            if (decision.Kind == BatchDecisionKind.Forked)
            {
                Draw(decision.Sequence, ended);
            }
        }

        return [.. _plan.MappingsAhead];
    }

    private void Start(List<Run> next, List<PageMapping> ahead)
    {
        foreach (BlockCopy copy in _copies)
        {
            Array.Copy(_kv, copy.From * Pool.BlockTokens, _kv, copy.To * Pool.BlockTokens, Pool.BlockTokens);
        }

        _copies.Clear();
        _space.CarryAhead();
        _space.Carry(_mappings);
        _mappings.Clear();
        _space.PutOff(ahead);
        foreach (Run run in next)
        {
            int needed = Pool.BlocksFor(run.Part.Start + run.Part.Tokens);
            if (run.Range >= 0)
            {
                Assert.Equal(run.Table[..needed], _space.Places(run.Range)[..needed]);
            }
        }
    }

    private void Finish(Run run, List<Sequence> ended)
    {
        (StepPart part, Sequence sequence) = (run.Part, run.Part.Sequence);
        int[] blocks = run.Range >= 0 ? _space.Places(run.Range) : run.Table;
        if (BatchPlanner.IsKept(part))
        {
            for (int i = 0; i < part.Start; i++)
            {
                Assert.Equal(sequence.Tokens[i], _kv[(blocks[i / Pool.BlockTokens] * Pool.BlockTokens) + (i % Pool.BlockTokens)]);
            }
        }

        // A step writes for sequences too that ended or lost their blocks while it ran.
        for (int i = part.Start; i < part.Start + part.Tokens; i++)
        {
            _kv[(blocks[i / Pool.BlockTokens] * Pool.BlockTokens) + (i % Pool.BlockTokens)] = sequence.Tokens[i];
        }

        if (sequence.Stage == SequenceStage.Ended)
        {
            return;
        }

        if (BatchPlanner.IsKept(part))
        {
            Planner.Complete(sequence, part.Tokens);
            if (sequence.Fork is { IsReady: true, Logits: null } fork)
            {
                fork.Logits = this;
            }
        }
        else
        {
            Planner.Abandon(sequence);
        }

        if (part.Samples)
        {
            Draw(sequence, ended);
        }
    }

    private void Draw(Sequence sequence, List<Sequence> ended)
    {
        bool isLast = IsLast(sequence);
        sequence.Append(1 + ((sequence.Count + (int)sequence.Order) % 5));
        if (isLast)
        {
            Planner.End(sequence);
            ended.Add(sequence);
        }
    }

    private sealed record Run(StepPart Part, int[] Table, int Range);
}
