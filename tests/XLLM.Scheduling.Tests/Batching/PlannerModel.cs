using XLLM.Contracts.Ids;
using XLLM.Contracts.Requests;
using XLLM.Scheduling.Batching;
using XLLM.Scheduling.Blocks;
using XLLM.Scheduling.Pages;
using XLLM.Scheduling.Tests.Pages;

namespace XLLM.Scheduling.Tests.Batching;

/// <summary>
/// An engine's side of a planner: runs plans against a KV that remembers which token was written where, and checks after
/// every step that all promises held.
/// </summary>
internal sealed class PlannerModel
{
    private readonly int[] _kv;

    public PlannerModel(int blocks, int blockTokens, BatchLimits limits, IBatchPolicy policy, PageMap? pages = null)
    {
        Limits = limits;
        Pages = pages;
        Space = pages is null ? null : new PageSpace(pages.Ranges, pages.RangePages);
        Pool = new BlockPool(blocks, blockTokens, pages);
        Planner = new BatchPlanner(Pool, limits, policy);
        Hasher = new BlockHasher(blockTokens);
        _kv = new int[blocks * blockTokens];
        Array.Fill(_kv, -1);
    }

    public BatchLimits Limits { get; }

    public BlockPool Pool { get; }

    public PageMap? Pages { get; }

    /// <summary>What the system would have mapped.</summary>
    public PageSpace? Space { get; }

    public BatchPlanner Planner { get; }

    public BlockHasher Hasher { get; }

    public StepPlan Plan { get; } = new();

    public DateTimeOffset Now { get; set; } = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public Sequence Add(
        string id, int[] prompt, int maxTokens, RequestPriority priority = RequestPriority.Online, bool scored = false,
        DateTimeOffset? deadline = null, SampleGroup? group = null)
    {
        Sequence sequence = new(
            new InferenceRequest
            {
                Id = new RequestId(id),
                Model = "m",
                PromptTokens = [.. prompt],
                BlockHashes = Hasher.HashPrompt(prompt),
                Priority = priority,
                Stop = new StopOptions { MaxTokens = maxTokens },
                Logprobs = new LogprobOptions { Prompt = scored },
                QueueDeadline = deadline,
                Group = group,
            },
            Hasher);
        Planner.Enqueue(sequence);
        return sequence;
    }

    /// <summary>One step. Returns the sequences that reached their limit; they are ended.</summary>
    public List<Sequence> Step()
    {
        Planner.Plan(Plan, Now);
        CheckPlan();
        CheckPages();
        foreach (BlockCopy copy in Plan.Copies)
        {
            Array.Copy(_kv, copy.From * Pool.BlockTokens, _kv, copy.To * Pool.BlockTokens, Pool.BlockTokens);
        }

        List<Sequence> finished = [];
        foreach (BatchDecision decision in Plan.Decisions)
        {
            if (decision.Kind == BatchDecisionKind.Forked)
            {
                Assert.Equal("logits of " + string.Join(',', decision.Sequence.Request.PromptTokens), decision.Sequence.PromptLogits);
                CheckContent(decision.Sequence);
                Draw(decision.Sequence, finished);
            }
        }

        foreach (StepPart part in Plan.Parts)
        {
            Write(part);
            Sequence sequence = part.Sequence;
            if (sequence.WantsAllRows)
            {
                sequence.ScoredPrompt = Math.Min(sequence.PromptLength - 1, sequence.Computed + part.Tokens);
            }

            Planner.Complete(sequence, part.Tokens);
            CheckContent(sequence);
            if (sequence.Pending == 0)
            {
                Assert.True(part.Outputs >= 1, "the last row of a sequence has no logits");
                if (sequence.Fork is { IsReady: true, Logits: null } fork)
                {
                    fork.Logits = "logits of " + string.Join(',', sequence.Request.PromptTokens);
                }

                Draw(sequence, finished);
            }
        }

        Assert.Empty(Planner.CheckIntegrity());
        return finished;
    }

    // Other samples of a prompt draw other tokens.
    private void Draw(Sequence sequence, List<Sequence> finished)
    {
        int salt = sequence.Request.Group is null ? 0 : (int)sequence.Order;
        sequence.Append(1 + ((sequence.Count + salt) % 5));
        if (sequence.Generated >= sequence.Request.Stop.MaxTokens)
        {
            Planner.End(sequence);
            finished.Add(sequence);
        }
    }

    private void CheckPlan()
    {
        Assert.InRange(Plan.Tokens, 0, Limits.MaxTokens);
        Assert.InRange(Plan.Outputs, 0, Limits.MaxOutputs);
        Assert.InRange(Planner.Running.Count, 0, Limits.MaxRunning);
        Assert.Equal(Plan.Tokens, Plan.Parts.Sum(part => part.Tokens));
        Assert.Equal(Plan.Outputs, Plan.Parts.Sum(part => part.Outputs));
        Assert.Equal(Plan.Parts.Count, Plan.Parts.Select(part => part.Sequence).Distinct().Count());
        Assert.All(Plan.Parts, part =>
        {
            Assert.Equal(SequenceStage.Running, part.Sequence.Stage);
            Assert.False(part.Sequence.Paused);
            Assert.InRange(part.Tokens, 1, part.Sequence.Pending);
            Assert.True(part.Sequence.Table.Count * Pool.BlockTokens >= part.Sequence.Computed + part.Tokens);
        });
    }

    // Orders made ahead are carried out at the latest possible moment: before those of the next step.
    private void CheckPages()
    {
        if (Pages is null || Space is null)
        {
            return;
        }

        Space.CarryAhead();
        Space.Carry(Plan.Mappings);
        Space.PutOff(Plan.MappingsAhead);
        Assert.Equal(Pages.Mappings, Space.MappingsWithAhead());
        foreach (StepPart part in Plan.Parts)
        {
            int needed = Pool.BlocksFor(part.Sequence.Computed + part.Tokens);
            if (part.Sequence.Range >= 0)
            {
                Assert.Equal(part.Sequence.Table.Blocks[..needed].ToArray(), Space.Places(part.Sequence.Range)[..needed]);
            }
        }

        Assert.Equal(
            Planner.Running.Count(sequence => sequence.Range >= 0),
            Planner.Running.Where(sequence => sequence.Range >= 0).Select(sequence => sequence.Range).Distinct().Count());
    }

    private void Write(StepPart part)
    {
        Sequence sequence = part.Sequence;
        for (int i = sequence.Computed; i < sequence.Computed + part.Tokens; i++)
        {
            int block = sequence.Table[i / Pool.BlockTokens];
            Assert.True(Pool.RefsOf(block) == 1, $"{sequence.Request.Id} writes block {block}, which {Pool.RefsOf(block)} hold");
            _kv[(block * Pool.BlockTokens) + (i % Pool.BlockTokens)] = sequence.Tokens[i];
        }
    }

    private void CheckContent(Sequence sequence)
    {
        for (int i = 0; i < sequence.Computed; i++)
        {
            int slot = (sequence.Table[i / Pool.BlockTokens] * Pool.BlockTokens) + (i % Pool.BlockTokens);
            Assert.Equal(sequence.Tokens[i], _kv[slot]);
        }
    }
}
