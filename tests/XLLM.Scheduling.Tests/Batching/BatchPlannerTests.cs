using XLLM.Contracts.Requests;
using XLLM.Scheduling.Batching;

namespace XLLM.Scheduling.Tests.Batching;

public class BatchPlannerTests
{
    private static readonly BatchLimits Limits = new(16, 8, 4, 0);

    [Fact]
    public void Plan_WithDecodesAndALongPrompt_GivesEachDecodeItsTokenAndThePromptTheRest()
    {
        PlannerModel model = Model();
        Sequence one = model.Add("req-1", Tokens(3), 10);
        Sequence two = model.Add("req-2", Tokens(4, 50), 10);
        model.Step();
        Sequence three = model.Add("req-3", Tokens(40, 90), 10);

        model.Step();

        Assert.Equal([(one, 1, 1), (two, 1, 1), (three, 14, 0)], Parts(model));
    }

    [Fact]
    public void Plan_ByPrefillFirst_LetsDecodesWaitForThePrompt()
    {
        PlannerModel model = new(64, 4, Limits, new PrefillFirstPolicy());
        Sequence one = model.Add("req-1", Tokens(3), 10);
        model.Step();
        Sequence two = model.Add("req-2", Tokens(20, 50), 10);

        model.Step();
        Assert.Equal([(two, 16, 0)], Parts(model));
        model.Step();
        Assert.Equal([(two, 4, 1)], Parts(model));
        model.Step();
        Assert.Equal([(one, 1, 1), (two, 1, 1)], Parts(model));
    }

    [Fact]
    public void Plan_WithOnlineAndOfflineWaiting_AdmitsOnlineFirstWhateverArrivedFirst()
    {
        PlannerModel model = Model();
        Sequence offline = model.Add("req-off", Tokens(8), 4, RequestPriority.Offline);
        Sequence online = model.Add("req-on", Tokens(10, 50), 4);

        model.Step();

        Assert.Equal([(online, 10, 1), (offline, 6, 0)], Parts(model));
    }

    [Fact]
    public void Plan_WithInteractiveWaiting_AdmitsItBeforeAnOnlineOneThatCameFirst()
    {
        PlannerModel model = Model();
        Sequence offline = model.Add("req-off", Tokens(8), 4, RequestPriority.Offline);
        Sequence online = model.Add("req-on", Tokens(10, 50), 4);
        Sequence interactive = model.Add("req-ia", Tokens(4, 90), 4, RequestPriority.Interactive);

        model.Step();

        Assert.Equal([interactive, online, offline], Parts(model).Select(p => p.Item1));
    }

    [Fact]
    public void Plan_WhenAnOnlineRequestNeedsBlocks_PushesOutTheLatestOfflineOne()
    {
        PlannerModel model = new(8, 4, new BatchLimits(64, 8, 4, 0), new DecodeFirstPolicy());
        Sequence first = model.Add("req-off1", Tokens(11), 4, RequestPriority.Offline);
        Sequence second = model.Add("req-off2", Tokens(11, 30), 4, RequestPriority.Offline);
        model.Step();
        Sequence online = model.Add("req-on", Tokens(14, 60), 4);

        model.Step();

        Assert.Equal(SequenceStage.Waiting, second.Stage);
        Assert.Equal(SequenceStage.Running, first.Stage);
        Assert.Equal(SequenceStage.Running, online.Stage);
        Assert.Contains(new BatchDecision(BatchDecisionKind.Preempted, second, 3), model.Plan.Decisions);
    }

    [Fact]
    public void Plan_WhenDecodesRunOutOfBlocks_PreemptsTheLatestAndPutsItAtTheHead()
    {
        PlannerModel model = new(4, 4, new BatchLimits(64, 8, 4, 0), new DecodeFirstPolicy());
        Sequence first = model.Add("req-1", Tokens(8), 8);
        Sequence second = model.Add("req-2", Tokens(8, 30), 8);
        model.Step();
        Sequence third = model.Add("req-3", Tokens(1, 60), 8);

        model.Step();

        Assert.Equal((SequenceStage.Running, SequenceStage.Waiting), (first.Stage, second.Stage));
        Assert.Equal(1, second.Preemptions);
        while (first.Stage == SequenceStage.Running)
        {
            model.Step();
        }

        model.Step();
        Assert.Equal((SequenceStage.Running, SequenceStage.Running), (second.Stage, third.Stage));
        Assert.True(second.Generated >= 1);
        Assert.Equal(8, second.CachedTokens + 8);
    }

    [Fact]
    public void Plan_WithAHeadThatDoesNotFitYet_LetsNobodyPassIt()
    {
        PlannerModel model = new(6, 4, new BatchLimits(64, 8, 4, 0), new DecodeFirstPolicy());
        model.Add("req-1", Tokens(15), 2);
        model.Step();
        Sequence large = model.Add("req-2", Tokens(16, 30), 2);
        Sequence small = model.Add("req-3", Tokens(2, 60), 2);

        model.Step();

        Assert.Equal((SequenceStage.Waiting, SequenceStage.Waiting), (large.Stage, small.Stage));
    }

    [Fact]
    public void Plan_WithAPausedRequest_KeepsItsBlocksAndGivesItNoTokens()
    {
        PlannerModel model = Model();
        Sequence paused = model.Add("req-1", Tokens(9), 10);
        model.Step();
        paused.Paused = true;

        model.Step();

        Assert.Empty(model.Plan.Parts);
        Assert.Equal(3, paused.Table.Count);
        paused.Paused = false;
        model.Step();
        Assert.Equal([(paused, 1, 1)], Parts(model));
    }

    [Fact]
    public void Plan_WhenAllThatRunsIsPausedAndHoldsThePool_PushesItOutForTheNext()
    {
        PlannerModel model = new(4, 4, new BatchLimits(64, 8, 4, 1), new DecodeFirstPolicy());
        Sequence paused = model.Add("req-1", Tokens(13), 3);
        model.Step();
        paused.Paused = true;
        Sequence next = model.Add("req-2", Tokens(8, 40), 2);

        model.Step();

        Assert.Equal((SequenceStage.Waiting, SequenceStage.Running), (paused.Stage, next.Stage));
    }

    [Fact]
    public void Plan_PastADeadline_EndsTheWaitingRequestButNotOneThatRan()
    {
        PlannerModel model = new(4, 4, new BatchLimits(64, 8, 1, 0), new DecodeFirstPolicy());
        Sequence runs = model.Add("req-1", Tokens(4), 9, deadline: model.Now.AddSeconds(1));
        Sequence waits = model.Add("req-2", Tokens(4), 9, deadline: model.Now.AddSeconds(2));
        model.Step();
        Assert.Equal(model.Now.AddSeconds(2), model.Planner.NextDeadline());
        model.Now = model.Now.AddSeconds(2);

        model.Step();

        Assert.Equal((SequenceStage.Running, SequenceStage.Ended), (runs.Stage, waits.Stage));
        Assert.Equal([new BatchDecision(BatchDecisionKind.Expired, waits, 0)], model.Plan.Decisions);
        Assert.Null(model.Planner.NextDeadline());
    }

    [Fact]
    public void Plan_WithTwoEqualPromptsAtOnce_ComputesBothAndKeepsOneCopy()
    {
        PlannerModel model = Model();
        Sequence one = model.Add("req-1", Tokens(8), 4);
        Sequence two = model.Add("req-2", Tokens(8), 4);

        model.Step();

        Assert.Equal(one.Table[0], two.Table[0]);
        Assert.Equal(one.Table[1], two.Table[1]);
        Assert.Equal(2, model.Pool.RefsOf(one.Table[0]));
        Assert.Equal(62, model.Pool.Available);
    }

    [Fact]
    public void Plan_ForPromptScores_TakesNoMoreTokensThanThereAreOutputs()
    {
        PlannerModel model = Model();
        Sequence scored = model.Add("req-1", Tokens(20), 4, scored: true);

        model.Step();
        Assert.Equal([(scored, 8, 8)], Parts(model));
        model.Step();
        model.Step();
        Assert.Equal([(scored, 4, 4)], Parts(model));
        model.Step();
        Assert.Equal([(scored, 1, 1)], Parts(model));
    }

    [Fact]
    public void Limits_WithFewerTokensThanSequences_AreRefused() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => Model(new BatchLimits(3, 8, 4, 0)));

    private static PlannerModel Model(BatchLimits? limits = null) => new(64, 4, limits ?? Limits, new DecodeFirstPolicy());

    private static int[] Tokens(int count, int first = 1) => [.. Enumerable.Range(first, count)];

    private static (Sequence Sequence, int Tokens, int Outputs)[] Parts(PlannerModel model) =>
        [.. model.Plan.Parts.Select(part => (part.Sequence, part.Tokens, part.Outputs))];
}
