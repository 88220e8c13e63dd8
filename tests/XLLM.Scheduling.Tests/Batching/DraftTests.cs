using XLLM.Contracts.Ids;
using XLLM.Contracts.Requests;
using XLLM.Scheduling.Batching;
using XLLM.Scheduling.Blocks;

namespace XLLM.Scheduling.Tests.Batching;

/// <summary>Drafts take what is left of a step and of the pool, and give back what only they needed.</summary>
public class DraftTests
{
    private const int BlockTokens = 4;
    private readonly BlockPool _pool = new(8, BlockTokens);
    private readonly StepPlan _plan = new();

    [Fact]
    public void ADraft_IsCutToTheRowsLeft()
    {
        BatchPlanner planner = Planner(new BatchLimits(10, 6, 2, 0));
        Sequence sequence = Decoding(planner, 3);
        planner.Plan(_plan, DateTimeOffset.MinValue);

        Assert.Equal(5, planner.AddDraft(0, [9, 9, 9, 9, 9, 9, 9]));

        StepPart part = _plan.Parts[0];
        Assert.Equal((sequence, 6, 6, 5), (part.Sequence, part.Tokens, part.Outputs, part.Draft));
        Assert.Equal((6, 6), (_plan.Tokens, _plan.Outputs));
        Assert.Equal([9, 9, 9, 9, 9], sequence.Draft.ToArray());
    }

    [Fact]
    public void ADraft_IsCutToTheBlocksAboveTheWatermark_AndNobodyIsPushedOut()
    {
        BatchPlanner planner = Planner(new BatchLimits(64, 64, 2, 0));
        Sequence other = Decoding(planner, 20);
        Sequence sequence = Decoding(planner, 4);
        planner.Plan(_plan, DateTimeOffset.MinValue);

        // 6 blocks of 8 for 21 tokens, 2 for 5: nothing is left but three places in the last block.
        Assert.Equal(0, _pool.Available);
        Assert.Equal(3, planner.AddDraft(1, [7, 7, 7, 7, 7, 7]));

        Assert.Equal(SequenceStage.Running, other.Stage);
        Assert.Equal(2, sequence.Table.Count);
        Assert.Empty(planner.CheckIntegrity());
    }

    [Fact]
    public void TheEndOfADraft_GivesBackBlocksThatOnlyItNeeded()
    {
        BatchPlanner planner = Planner(new BatchLimits(64, 64, 2, 1));
        Sequence sequence = Decoding(planner, 5);
        planner.Plan(_plan, DateTimeOffset.MinValue);
        Assert.Equal(12, planner.AddDraft(0, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]));
        Assert.Equal(5, sequence.Table.Count);

        // Two guesses were right, and a token drawn after them.
        foreach (int token in new[] { 1, 2, 30 })
        {
            planner.Complete(sequence, 1);
            sequence.Append(token);
        }

        planner.EndDraft(sequence);

        Assert.Equal(3, sequence.Table.Count);
        Assert.Equal(5, _pool.Available);
        Assert.Equal((9, 8, 0), (sequence.Count, sequence.Computed, sequence.Draft.Length));
        Assert.Empty(planner.CheckIntegrity());
    }

    [Fact]
    public void APartOfAPrompt_CanHaveNoDraft()
    {
        BatchPlanner planner = Planner(new BatchLimits(4, 4, 2, 0));
        planner.Enqueue(new Sequence(Request(9), null));
        planner.Plan(_plan, DateTimeOffset.MinValue);

        Assert.Throws<InvalidOperationException>(() => planner.AddDraft(0, [1]));
    }

    private static InferenceRequest Request(int prompt) => new()
    {
        Id = RequestId.New(),
        Model = "m",
        PromptTokens = [.. Enumerable.Range(100, prompt)],
        Sampling = SamplingOptions.Greedy,
        Stop = new StopOptions { MaxTokens = 100 },
    };

    private BatchPlanner Planner(BatchLimits limits) => new(_pool, limits, new DecodeFirstPolicy());

    /// <summary>A sequence of so many computed tokens and one pending, alone in its steps so far.</summary>
    private Sequence Decoding(BatchPlanner planner, int prompt)
    {
        Sequence sequence = new(Request(prompt), null);
        planner.Enqueue(sequence);
        while (sequence.Count == prompt)
        {
            planner.Plan(_plan, DateTimeOffset.MinValue);
            foreach (StepPart part in _plan.Parts.ToArray())
            {
                planner.Complete(part.Sequence, part.Tokens);
                if (part.Outputs > 0 && (part.Sequence == sequence || part.Sequence.Pending == 0))
                {
                    part.Sequence.Append(50);
                }
            }
        }

        return sequence;
    }
}
