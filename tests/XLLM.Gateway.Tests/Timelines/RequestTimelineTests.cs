using System.Collections.Immutable;
using XLLM.Contracts.Ids;
using XLLM.Contracts.Requests;
using XLLM.Contracts.Routing;
using XLLM.Gateway.Timelines;
using XLLM.Testing;

namespace XLLM.Gateway.Tests.Timelines;

/// <summary>From what was measured to the steps that are drawn.</summary>
public sealed class RequestTimelineTests
{
    private readonly ManualTime _time = new();

    [Fact]
    public void A_split_request_shows_the_way_of_its_kv_and_the_slowest_step()
    {
        long received = _time.GetTimestamp();
        _time.Advance(TimeSpan.FromMilliseconds(10));
        long parsed = _time.GetTimestamp();
        _time.Advance(TimeSpan.FromMilliseconds(20));
        GenerationRecord record = RecordOf(new RequestOrigin("/v1/chat/completions", received, parsed));
        record.Submitted();
        RunStart start = StartOf(0, 0.001) with
        {
            Plan = new RoutePlan { Prefill = new("a/cpu0"), Decode = new("b/cpu0"), Policy = "slo-aware", Reason = "prefill: quickest" },
        };
        record.Accepted(new SubmitResult { Starts = [start] });
        _time.Advance(TimeSpan.FromSeconds(1));
        record.OnTokens(1, _time.GetTimestamp(), 0);
        _time.Advance(TimeSpan.FromSeconds(0.5));
        record.OnTokens(10, _time.GetTimestamp(), 0);
        record.End(RequestOutcome.CompletedLength, new RequestUsage
        {
            QueueSeconds = 0.71, KvSeconds = 0.7, FirstTokenSeconds = 0.98, LastTokenSeconds = 1.48, FoundTokens = 480, PromptTokens = 500,
        });

        ImmutableArray<TimelineStep> steps = RequestTimeline.Of(record, record.Now());

        Assert.Equal((0, 0.01), Of(steps, "parse"));
        Assert.Equal((0.01, 0.03), Of(steps, "text"));
        Assert.Equal((0.034, 0.73), Of(steps, "kv"));
        Assert.Equal((0.73, 0.74), Of(steps, "queue"));
        Assert.Equal((0.74, 1.01), Of(steps, "prefill"));
        Assert.Equal((1.01, 1.51), Of(steps, "decode"));
        Assert.Contains("a/cpu0; 480 tokens", steps.Single(s => s.Name == "kv").Note);
        Assert.Contains("prefill: quickest", steps.Single(s => s.Name == "route").Note);
        Assert.Equal("kv", steps[RequestTimeline.SlowestOf(steps)].Name);
        Assert.All(steps, s => Assert.False(s.IsOpen || s.IsFault));
    }

    [Fact]
    public void A_run_that_goes_on_after_another_ends_its_prefill_with_its_first_token_here()
    {
        GenerationRecord record = RecordOf(null);
        _time.Advance(TimeSpan.FromSeconds(1));
        record.OnTokens(5, _time.GetTimestamp(), 0);
        _time.Advance(TimeSpan.FromSeconds(1));
        record.OnTokens(5, _time.GetTimestamp(), 0);
        _time.Advance(TimeSpan.FromSeconds(1));
        record.OnTokens(1, _time.GetTimestamp(), 1);
        _time.Advance(TimeSpan.FromSeconds(2));
        record.OnTokens(6, _time.GetTimestamp(), 1);
        record.SetStarts([StartOf(0, 0), StartOf(1, 2.2) with { Cause = "Lost" }]);
        record.End(RequestOutcome.CompletedStop, new RequestUsage { QueueSeconds = 2.3, LastTokenSeconds = 5 });

        ImmutableArray<TimelineStep> steps = RequestTimeline.Of(record, record.Now());

        Assert.Equal([(0, "decode", 1, 2), (0, "lost", 2, 2.2), (1, "prefill", 2.3, 3), (1, "decode", 3, 5)], steps
            .Where(s => s.Name is "decode" or "lost" || (s.Name == "prefill" && s.Run == 1))
            .Select(s => (s.Run ?? -1, s.Name, Math.Round(s.Begin, 3), Math.Round(s.End, 3))));
        Assert.Equal("7 tokens", steps.Single(s => s.Name == "decode" && s.Run == 1).Note);
    }

    [Fact]
    public void A_clock_that_runs_ahead_makes_no_step_end_before_it_begins()
    {
        GenerationRecord record = RecordOf(null);
        record.Accepted(new SubmitResult { Starts = [StartOf(0, 5)] });
        record.OnTokens(1, _time.GetTimestamp(), 0);
        record.End(RequestOutcome.CompletedStop, new RequestUsage { QueueSeconds = 0.1, FirstTokenSeconds = 0.2, LastTokenSeconds = 0.15 });

        ImmutableArray<TimelineStep> steps = RequestTimeline.Of(record, record.Now());

        Assert.All(steps, s => Assert.True(0 <= s.Begin && s.Begin <= s.End, s.ToString()));
    }

    [Fact]
    public void Objectives_are_those_of_the_request_or_of_the_policy_that_routed_it()
    {
        var objective = new RequestObjective();
        GenerationRecord free = RecordOf(null);
        free.Accepted(new SubmitResult { Starts = [StartOf(0, 0)] });
        free.End(RequestOutcome.CompletedStop, null);
        Assert.Null(objective.IsMet(free));

        Assert.True(Ended(new RequestSlo(1, 0.1), 0.9, 0.09));
        Assert.False(Ended(new RequestSlo(1, 0.1), 1.1, 0.09));
        Assert.False(Ended(new RequestSlo(1, 0.1), 0.9, 0.11));
        Assert.True(Ended(RequestSlo.None, 1.9, 0.09, "slo-aware"));
        Assert.False(Ended(RequestSlo.None, 2.1, 0.09, "slo-aware"));

        bool? Ended(RequestSlo slo, double ttft, double tpot, string policy = "test")
        {
            GenerationRecord record = RecordOf(null, slo);
            RunStart start = StartOf(0, 0);
            record.Accepted(new SubmitResult { Starts = [start with { Plan = start.Plan! with { Policy = policy } }] });
            _time.Advance(TimeSpan.FromSeconds(ttft));
            record.OnTokens(1, _time.GetTimestamp(), 0);
            _time.Advance(TimeSpan.FromSeconds(tpot));
            record.OnTokens(1, _time.GetTimestamp(), 0);
            record.End(RequestOutcome.CompletedStop, null);
            return objective.IsMet(record);
        }
    }

    private static (double Begin, double End) Of(ImmutableArray<TimelineStep> steps, string name)
    {
        TimelineStep step = steps.Single(s => s.Name == name);
        return (Math.Round(step.Begin, 6), Math.Round(step.End, 6));
    }

    private GenerationRecord RecordOf(RequestOrigin? origin, RequestSlo? slo = null) => new(
        new InferenceRequest { Id = RequestId.New(), Model = "toy", PromptTokens = [1, 2, 3], Slo = slo ?? RequestSlo.None },
        _time,
        _time.GetTimestamp())
    {
        Origin = origin,
    };

    private static RunStart StartOf(int run, double at) => new()
    {
        Run = run,
        Plan = RoutePlan.Mixed(new("b/cpu0"), default, 0, "test"),
        BeganSeconds = at,
        RoutedSeconds = at + 0.001,
        ReservedSeconds = at + 0.002,
        StartedSeconds = at + 0.003,
    };
}
