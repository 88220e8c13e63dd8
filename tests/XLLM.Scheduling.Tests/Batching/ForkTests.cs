using XLLM.Contracts.Requests;
using XLLM.Scheduling.Batching;
using XLLM.Scheduling.Pages;

namespace XLLM.Scheduling.Tests.Batching;

/// <summary>Parallel samples of one prompt: shared blocks, and who copies when.</summary>
public class ForkTests
{
    private static readonly BatchLimits Limits = new(256, 32, 16, 0);
    private static readonly int[] Prompt = [.. Enumerable.Range(0, 18).Select(i => 1 + (i % 7))];

    [Theory]
    [InlineData("decode-first")]
    [InlineData("prefill-first")]
    public void FourSamples_ComputeThePromptOnce_AndAllButTheLastWriterCopy(string policy)
    {
        PlannerModel model = new(64, 4, Limits, BatchPolicies.Find(policy)!);
        Sequence[] samples = Samples(model, 4, maxTokens: 6);

        model.Step();
        Assert.Equal(18, model.Plan.Tokens);
        Assert.Same(samples[0], Assert.Single(model.Plan.Parts).Sequence);
        model.Step();
        Assert.Equal(3, model.Plan.Decisions.Count(decision => decision.Kind == BatchDecisionKind.Forked));
        Step(model, until: () => samples.All(sample => sample.Generated >= 2));

        Assert.Equal(3, model.Planner.Copies);
        Assert.Equal(3, model.Planner.Forks);
        Assert.Equal([18, 18, 18], samples[1..].Select(sample => sample.CachedTokens));

        // Four full blocks are shared, the fifth is everybody's own: 4 + 4 instead of 4 x 5.
        Assert.Equal(8, 64 - model.Pool.Available);
        Step(model, until: () => samples.All(sample => sample.Stage == SequenceStage.Ended));
        Assert.Equal(64, model.Pool.Available);
        Assert.Empty(model.Planner.CheckIntegrity());
    }

    [Fact]
    public void APromptThatEndsWithABlock_NeedsNoCopy()
    {
        PlannerModel model = new(64, 4, Limits, BatchPolicies.Find("decode-first")!);
        Samples(model, 3, maxTokens: 3, prompt: Prompt[..16]);

        Step(model, until: () => model.Planner.Running.Count == 0 && model.Planner.WaitingCount == 0);

        Assert.Equal(2, model.Planner.Forks);
        Assert.Equal(0, model.Planner.Copies);
    }

    [Fact]
    public void ASampleThatComesLate_TakesThePromptOverWhileAnotherLives()
    {
        PlannerModel model = new(64, 4, Limits, BatchPolicies.Find("decode-first")!);
        Sequence first = Samples(model, 1, maxTokens: 30, count: 2)[0];
        Step(model, until: () => first.Generated == 9);

        Sequence late = Samples(model, 1, maxTokens: 30, count: 2)[0];
        model.Step();

        Assert.Equal(BatchDecisionKind.Forked, Assert.Single(model.Plan.Decisions).Kind);
        Assert.Equal(18, late.Computed);
        Step(model, until: () => model.Planner.Running.Count == 0);
        Assert.Equal(64, model.Pool.Available);
    }

    [Fact]
    public void ALeaderThatIsCancelledInItsPrompt_IsFollowedByAnother_AndTheOthersEndAsUsual()
    {
        PlannerModel model = new(64, 4, new(8, 8, 8, 0), BatchPolicies.Find("decode-first")!);
        Sequence[] samples = Samples(model, 3, maxTokens: 4);
        model.Step();
        Assert.Equal(8, samples[0].Computed);

        model.Planner.End(samples[0]);
        Step(model, until: () => samples.All(sample => sample.Stage == SequenceStage.Ended));

        Assert.Equal(1, model.Planner.Forks);
        Assert.Equal([0, 4, 4], samples.Select(sample => sample.Generated));
        Assert.Equal(64, model.Pool.Available);
    }

    [Fact]
    public void ACancelledSample_LeavesTheOthersTheirBlocks()
    {
        PlannerModel model = new(64, 4, Limits, BatchPolicies.Find("decode-first")!);
        Sequence[] samples = Samples(model, 4, maxTokens: 12);
        Step(model, until: () => samples.All(sample => sample.Generated >= 3));

        model.Planner.End(samples[0]);
        model.Planner.End(samples[2]);
        Assert.Empty(model.Planner.CheckIntegrity());
        Step(model, until: () => samples.All(sample => sample.Stage == SequenceStage.Ended));

        Assert.Equal(12, samples[1].Generated);
        Assert.Equal(12, samples[3].Generated);
    }

    [Fact]
    public void WithoutRoomForFour_SomeArePreemptedAndComputedAgain_AndNoneIsLost()
    {
        PlannerModel model = new(9, 4, Limits, BatchPolicies.Find("decode-first")!);
        Sequence[] samples = Samples(model, 4, maxTokens: 10);

        Step(model, until: () => samples.All(sample => sample.Stage == SequenceStage.Ended));

        Assert.True(model.Planner.Preemptions > 0);
        Assert.All(samples, sample => Assert.Equal(10, sample.Generated));
        Assert.Equal(9, model.Pool.Available);
    }

    [Fact]
    public void TheSameGroupWithAnotherPromptOrSalt_SharesNothing()
    {
        PlannerModel model = new(64, 4, Limits, BatchPolicies.Find("decode-first")!);
        Samples(model, 1, maxTokens: 4, count: 2);
        Samples(model, 1, maxTokens: 4, prompt: [.. Prompt.Reverse()], count: 2);

        Step(model, until: () => model.Planner.Running.Count == 0 && model.Planner.WaitingCount == 0);

        Assert.Equal(0, model.Planner.Forks);
    }

    [Fact]
    public void InRanges_TheSharedPagesAreMappedIntoEach()
    {
        PageMap pages = new(64, 8, 16, 500);
        PlannerModel model = new(64, 4, Limits, BatchPolicies.Find("decode-first")!, pages);
        Sequence[] samples = Samples(model, 4, maxTokens: 6);
        Step(model, until: () => samples.All(sample => sample.Generated >= 2));

        int[][] places = [.. samples.Select(sample => model.Space!.Places(sample.Range))];
        for (int i = 0; i < 4; i++)
        {
            Assert.Single(places.Select(range => range[i]).Distinct());
        }

        Assert.Equal(4, places.Select(range => range[4]).Distinct().Count());
    }

    private static void Step(PlannerModel model, Func<bool> until)
    {
        for (int i = 0; !until(); i++)
        {
            Assert.True(i < 500, "it never comes to that");
            model.Step();
        }
    }

    private static Sequence[] Samples(PlannerModel model, int number, int maxTokens, int[]? prompt = null, int count = 0)
    {
        SampleGroup group = new("group", count == 0 ? number : count);
        return [.. Enumerable.Range(0, number).Select(
            i => model.Add($"{model.Planner.WaitingCount}-{i}", prompt ?? Prompt, maxTokens, group: group))];
    }
}
