using System.Collections.Immutable;
using XLLM.Contracts.Fleet;
using XLLM.Contracts.Ids;
using XLLM.Contracts.Kv;
using XLLM.Contracts.Requests;
using XLLM.Contracts.Routing;
using XLLM.Scheduling.Prediction;
using XLLM.Scheduling.Recovery;
using XLLM.Scheduling.Tests.Routing;
using static XLLM.Scheduling.Tests.Fleet.Instances;

namespace XLLM.Scheduling.Tests.Recovery;

/// <summary>A prompt token is 1e-4 s of computing; a block of 16 tokens is 64 KB, 66 us at 1 GB/s.</summary>
public sealed class RecoveryPlannerTests
{
    private readonly SloFleet _fleet = SloFleet.Of(4);

    [Fact]
    public void Surviving_kv_moves_when_that_is_quicker_than_computing()
    {
        InterruptedRequest request = Lost("r", 3000, 200, copies: new PrefixHit(Id("i2"), 190));
        RecoveryDecision decision = Plan(request with { Route = Avoiding("r", 3000, 200, "i2") })[0];

        Assert.Equal((RecoveryKind.Migrate, Id("i2"), 190), (decision.Kind, decision.From, decision.FromBlocks));
        Assert.Equal(190 * 16, decision.KeptTokens);
        Assert.True(decision.Seconds < 0.3 * decision.RecomputeSeconds);
    }

    [Fact]
    public void Everything_is_computed_anew_when_the_network_is_slower()
    {
        _fleet.Options.TransferBytesPerSecond = 1e6;

        InterruptedRequest request = Lost("r", 3000, 200, copies: new PrefixHit(Id("i2"), 190));
        RecoveryDecision decision = Plan(request with { Route = Avoiding("r", 3000, 200, "i2") })[0];

        Assert.Equal((RecoveryKind.Recompute, null, 0), (decision.Kind, decision.From, decision.KeptTokens));
        Assert.Equal(decision.RecomputeSeconds, decision.Seconds);
    }

    [Fact]
    public void The_generated_tokens_are_computed_too()
    {
        Assert.True(Plan(Lost("r", 1000, 3000))[0].Seconds > 3 * Plan(Lost("r", 1000, 0))[0].Seconds);
    }

    [Fact]
    public void An_instance_that_holds_the_kv_itself_needs_no_transfer()
    {
        RecoveryDecision decision = Plan(Lost("r", 3000, 200, copies: new PrefixHit(Id("i2"), 190)))[0];

        Assert.Equal((RecoveryKind.Recompute, Id("i2"), 190 * 16), (decision.Kind, decision.Target, decision.KeptTokens));
        Assert.Null(decision.From);
    }

    [Fact]
    public void A_copy_on_the_lost_instance_is_no_copy()
    {
        RecoveryDecision gone = Plan(Lost("r", 3000, 200, copies: new PrefixHit(Id("gone"), 190)))[0];
        _fleet.Set("i2", s => s with { Health = InstanceHealth.Dead });
        RecoveryDecision dead = Plan(Lost("r", 3000, 200, copies: new PrefixHit(Id("i2"), 190)))[0];

        Assert.Equal((RecoveryKind.Recompute, 0), (gone.Kind, gone.KeptTokens));
        Assert.Equal((RecoveryKind.Recompute, 0), (dead.Kind, dead.KeptTokens));
        Assert.NotEqual(Id("i2"), dead.Target);
    }

    [Fact]
    public void A_draining_instance_gives_its_kv_and_takes_nothing()
    {
        _fleet.Set("i2", s => s with { Health = InstanceHealth.Draining });

        RecoveryDecision decision = Plan(Lost("r", 3000, 200, copies: new PrefixHit(Id("i2"), 190)))[0];

        Assert.Equal((RecoveryKind.Migrate, Id("i2")), (decision.Kind, decision.From));
        Assert.NotEqual(Id("i2"), decision.Target);
    }

    [Fact]
    public void The_least_slack_goes_first_and_those_that_are_late_already_last()
    {
        ImmutableArray<RecoveryDecision> decisions = Plan(
            Lost("none", 100, 0), Lost("late", 100, 0, slack: -1), Lost("soon", 100, 0, slack: 0.1), Lost("later", 100, 0, slack: 5));

        Assert.Equal(["soon", "later", "none", "late"], decisions.Select(d => d.Request.Value));
    }

    [Fact]
    public void At_equal_slack_online_work_goes_before_offline_work()
    {
        InterruptedRequest offline = Lost("a", 100, 0, slack: 1);
        offline = offline with { Route = offline.Route with { Priority = RequestPriority.Offline } };

        Assert.Equal("z", Plan(offline, Lost("z", 100, 0, slack: 1))[0].Request.Value);
    }

    [Fact]
    public void Many_requests_are_spread_over_the_survivors()
    {
        _fleet.Load("i1", prefills: 1, prompt: 3000);

        ImmutableArray<RecoveryDecision> decisions = Plan([.. Enumerable.Range(0, 40).Select(i => Lost($"r{i:00}", 1000, 100, slack: 1))]);

        int[] counts = [.. decisions.GroupBy(d => d.Target!.Value.Value).OrderBy(g => g.Key).Select(g => g.Count())];
        Assert.Equal(4, counts.Length);
        Assert.True(counts[1] < counts[0]);
        Assert.All(counts, c => Assert.InRange(c, 6, 12));
    }

    [Fact]
    public void A_survivor_without_room_is_taken_only_when_none_has_any()
    {
        _fleet.Load("i0", decodes: 8, tokens: 143_000).Load("i1", decodes: 8, tokens: 143_000).Load("i3", decodes: 8, tokens: 143_000);
        _fleet.Load("i2", prefills: 9, prompt: 20_000);

        Assert.Equal(Id("i2"), Plan(Lost("r", 3000, 0))[0].Target);
        _fleet.Load("i2", decodes: 8, tokens: 143_500);
        RecoveryDecision full = Plan(Lost("r", 3000, 0))[0];

        Assert.NotNull(full.Target);
        Assert.Contains("no survivor has room", full.Reason);
    }

    [Fact]
    public void Without_any_survivor_the_reason_says_so()
    {
        foreach (string name in new[] { "i0", "i1", "i2", "i3" })
        {
            _fleet.Set(name, s => s with { Health = InstanceHealth.Dead });
        }

        RecoveryDecision decision = Plan(Lost("r", 100, 10, slack: 1))[0];

        Assert.Equal((RecoveryKind.None, null), (decision.Kind, decision.Target));
        Assert.Contains("i0/cpu0=- (dead)", decision.Reason);
    }

    [Fact]
    public void Slack_is_that_of_the_next_token()
    {
        DateTimeOffset start = DateTimeOffset.UnixEpoch;
        RequestSlo slo = new(2, 0.1);

        Assert.Equal(0.5, RecoverySlack.Of(slo, start, null, 0, start.AddSeconds(1.5)), 9);
        Assert.Equal(0.6, RecoverySlack.Of(slo, start, start.AddSeconds(1), 20, start.AddSeconds(2.4)), 5);
        Assert.Equal(-0.5, RecoverySlack.Of(slo, start, start.AddSeconds(1), 5, start.AddSeconds(2)), 9);
        Assert.Equal(double.PositiveInfinity, RecoverySlack.Of(RequestSlo.None, start, start, 3, start.AddDays(1)));
    }

    private static InterruptedRequest Lost(
        string id, int prompt, int generated, double slack = double.PositiveInfinity, params PrefixHit[] copies) => new()
    {
        Route = Avoiding(id, prompt, generated), SlackSeconds = slack, Copies = [.. copies],
    };

    private static RouteRequest Avoiding(string id, int prompt, int generated, params string[] excluded) => new()
    {
        Request = new RequestId(id), Model = "demo", PromptTokens = prompt, ResumedTokens = generated, Excluded = [.. excluded.Select(Id)],
    };

    private ImmutableArray<RecoveryDecision> Plan(params InterruptedRequest[] requests) =>
        new RecoveryPlanner(_fleet.Options, new LatencyPredictors()).Plan(requests, _fleet.Snapshot);
}
