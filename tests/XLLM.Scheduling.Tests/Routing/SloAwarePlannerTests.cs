using XLLM.Contracts.Fleet;
using XLLM.Contracts.Ids;
using XLLM.Contracts.Kv;
using XLLM.Contracts.Requests;
using XLLM.Contracts.Routing;
using XLLM.Scheduling.Roles;
using XLLM.Scheduling.Routing;
using static XLLM.Scheduling.Tests.Fleet.Instances;

namespace XLLM.Scheduling.Tests.Routing;

/// <summary>Of a fleet of n the last half by name starts in D. 10,000 waiting prompt tokens are about a second.</summary>
public sealed class SloAwarePlannerTests
{
    [Fact]
    public void The_prefill_instance_with_the_shortest_queue_is_taken_when_it_is_in_time()
    {
        SloFleet fleet = SloFleet.Of(4).Load("i0", prefills: 2, prompt: 4000).Load("i1", prefills: 1, prompt: 1000);

        RoutePlan plan = fleet.Plan(1000);

        Assert.Equal(Id("i1"), plan.Prefill);
        Assert.StartsWith($"{RouteReasons.Prefill}, {RouteReasons.SameInstance}", plan.Reason);
        Assert.InRange(plan.ExpectedTtftSeconds, 0.15, 0.35);
        Assert.Equal("slo-aware", plan.Policy);
        Assert.Equal(1, plan.PrefillEpoch);
    }

    [Fact]
    public void The_queue_and_the_prompt_itself_count_against_the_objective()
    {
        // xllm-service compares the queue alone with the objective.
        SloFleet fleet = SloFleet.Of(6);
        foreach (string name in new[] { "i0", "i1", "i2" })
        {
            fleet.Load(name, prefills: 1, prompt: 6000);
        }

        Assert.StartsWith(RouteReasons.Prefill, fleet.Plan(1000).Reason);
        Assert.StartsWith(RouteReasons.Switched, fleet.Plan(5000).Reason);
    }

    [Fact]
    public void Late_prefill_instances_hand_over_to_one_that_finishes_its_decodes()
    {
        SloFleet fleet = Busy(8);
        fleet.Load("i4", decodes: 4, tokens: 1000).Load("i5", decodes: 9, tokens: 2000).Load("i6", decodes: 9, tokens: 2000).Load("i7", decodes: 9, tokens: 2000);
        Assert.Equal(Id("i4"), fleet.Plan(1000).Prefill);
        Assert.Equal(InstancePool.DecodeToPrefill, fleet.Planner.PoolsOf("demo")!.Of(Id("i4")));

        RoutePlan plan = fleet.Plan(1000);

        Assert.Equal(Id("i4"), plan.Prefill);
        Assert.StartsWith(RouteReasons.DecodeToPrefill, plan.Reason);
    }

    [Fact]
    public void A_switch_takes_the_lightest_decode_instance()
    {
        SloFleet fleet = Busy(8);
        fleet.Load("i4", decodes: 9, tokens: 9000).Load("i5", decodes: 9, tokens: 8000).Load("i6", decodes: 9, tokens: 100).Load("i7", decodes: 1, tokens: 9000);

        RoutePlan plan = fleet.Plan(1000);

        Assert.Equal(Id("i6"), plan.Prefill);
        Assert.StartsWith(RouteReasons.Switched, plan.Reason);
        Assert.Equal(1, fleet.Planner.PoolsOf("demo")!.MoveCounts[PoolRules.TtftUnreachable]);
    }

    [Fact]
    public void A_switch_that_would_not_help_is_not_made()
    {
        SloFleet fleet = Busy(8);

        RoutePlan plan = fleet.Plan(30_000);

        Assert.StartsWith(RouteReasons.Quickest, plan.Reason);
        Assert.Equal(4, fleet.Planner.PoolsOf("demo")!.Decoders);
    }

    [Fact]
    public void The_last_decode_instances_lend_themselves_and_keep_their_role()
    {
        SloFleet fleet = Busy(4);
        fleet.Load("i2", decodes: 9, tokens: 5000).Load("i3", decodes: 9, tokens: 9000);

        RoutePlan plan = fleet.Plan(1000);

        Assert.Equal(Id("i2"), plan.Prefill);
        Assert.StartsWith($"{RouteReasons.Borrowed}, {RouteReasons.SameInstance}", plan.Reason);
        Assert.Equal(2, fleet.Planner.PoolsOf("demo")!.Decoders);
    }

    [Fact]
    public void A_decode_instance_that_would_miss_its_pace_does_not_lend_itself()
    {
        SloFleet fleet = Busy(4);
        fleet.Load("i2", decodes: 30, tokens: 60_000).Load("i3", decodes: 30, tokens: 60_000);

        Assert.StartsWith(RouteReasons.Quickest, fleet.Plan(1000).Reason);
    }

    [Fact]
    public void A_queue_beyond_the_accepted_share_is_left_for_the_next_rule()
    {
        SloFleet fleet = SloFleet.Of(4).Load("i0", prefills: 1, prompt: 5000).Load("i1", prefills: 1, prompt: 5000);

        Assert.StartsWith(RouteReasons.Prefill, fleet.Plan(1000).Reason);
        fleet.Options.TtftAcceptShare = 0.3;
        RoutePlan borrowed = fleet.Plan(1000);
        fleet.Load("i2", decodes: 30, tokens: 60_000).Load("i3", decodes: 30, tokens: 60_000);
        RoutePlan queued = fleet.Plan(1000);

        Assert.StartsWith(RouteReasons.Borrowed, borrowed.Reason);
        Assert.Equal(Id("i0"), queued.Prefill);
        Assert.StartsWith(RouteReasons.InTime, queued.Reason);
    }

    [Fact]
    public void A_decode_instance_that_is_much_quicker_lends_itself_before_prefill_instances_are_late()
    {
        SloFleet fleet = SloFleet.Of(4).Load("i0", prefills: 1, prompt: 5000).Load("i1", prefills: 1, prompt: 5000);
        Assert.StartsWith(RouteReasons.Prefill, fleet.Plan(1000).Reason);

        fleet.Options.LendShare = 0.5;
        RoutePlan plan = fleet.Plan(1000);

        Assert.Equal(Id("i2"), plan.Prefill);
        Assert.StartsWith(RouteReasons.Borrowed, plan.Reason);
    }

    [Fact]
    public void What_is_late_anyway_joins_the_longest_queue_within_the_limit()
    {
        SloFleet fleet = SloFleet.Of(4).Load("i0", prefills: 1, prompt: 12_000).Load("i1", prefills: 1, prompt: 30_000)
            .Load("i2", prefills: 1, prompt: 80_000).Load("i3", prefills: 1, prompt: 20_000);
        fleet.Options.LateLimit = 5;

        RoutePlan late = fleet.Plan(1000);
        fleet.Options.LateLimit = 0;
        RoutePlan quickest = fleet.Plan(1000);

        Assert.Equal(Id("i1"), late.Prefill);
        Assert.StartsWith(RouteReasons.Late, late.Reason);
        Assert.Equal(Id("i0"), quickest.Prefill);
        Assert.StartsWith(RouteReasons.Quickest, quickest.Reason);
    }

    [Fact]
    public void A_split_is_chosen_only_when_the_decode_gets_quicker_by_it()
    {
        // A chunk of 512 tokens beside 30,000 tokens of decodes takes more than 0.1 s; i3 alone less.
        SloFleet slow = SloFleet.Of(4).Load("i0", prefills: 1, prompt: 100, decodes: 30, tokens: 40_000)
            .Load("i1", prefills: 1, prompt: 9000, decodes: 9, tokens: 40_000).Load("i3", decodes: 3, tokens: 900);
        slow.Load("i2", decodes: 6, tokens: 5000);
        RoutePlan split = slow.Plan(1000);
        SloFleet quick = SloFleet.Of(4).Load("i0", decodes: 3, tokens: 4000).Load("i1", prefills: 1, prompt: 9000);
        RoutePlan mixed = quick.Plan(1000);

        Assert.Equal((Id("i0"), Id("i3")), (split.Prefill, split.Decode));
        Assert.Contains(RouteReasons.FewestTokens, split.Reason);
        Assert.True(mixed.IsMixed);
        Assert.Contains(RouteReasons.SameInstance, mixed.Reason);
    }

    [Fact]
    public void A_transfer_too_slow_for_the_first_token_keeps_the_decode_where_it_is()
    {
        SloFleet fleet = SloFleet.Of(4).Load("i0", prefills: 1, prompt: 100, decodes: 30, tokens: 40_000)
            .Load("i1", prefills: 1, prompt: 9000, decodes: 9, tokens: 40_000);
        fleet.Options.TransferBytesPerSecond = 1e6;

        RoutePlan plan = fleet.Plan(1000);

        Assert.True(plan.IsMixed);
        Assert.Contains(RouteReasons.NoRoom, plan.Reason);
    }

    [Fact]
    public void Pages_of_one_host_make_that_transfer_free()
    {
        SloFleet fleet = new();
        fleet.Options.TransferBytesPerSecond = 1e6;
        fleet.Load("i0", prefills: 1, prompt: 100, decodes: 30, tokens: 40_000, host: "h")
            .Load("i1", prefills: 1, prompt: 9000, decodes: 9, tokens: 40_000, host: "h").Load("i2", host: "h").Load("i3", host: "h");

        Assert.Equal(Id("i2"), fleet.Plan(1000).Decode);
    }

    [Fact]
    public void Instances_that_share_no_layout_exchange_no_kv()
    {
        SloFleet fleet = SloFleet.Of(4).Load("i0", prefills: 1, prompt: 100, decodes: 30, tokens: 40_000)
            .Load("i1", prefills: 1, prompt: 9000, decodes: 9, tokens: 40_000).Load("i2", layout: "other").Load("i3", layout: null);

        Assert.True(fleet.Plan(1000).IsMixed);
    }

    [Fact]
    public void Fixed_roles_split_every_request()
    {
        SloFleet fleet = new SloFleet().Load("p", role: InstanceRole.Prefill).Load("d", role: InstanceRole.Decode)
            .Load("e", role: InstanceRole.Decode, decodes: 2, tokens: 100);

        RoutePlan plan = fleet.Plan(1000);

        Assert.Equal((Id("p"), Id("d")), (plan.Prefill, plan.Decode));
    }

    [Fact]
    public void Full_decode_instances_make_a_prefill_instance_change_sides()
    {
        SloFleet fleet = SloFleet.Of(6).Load("i0", prefills: 1, prompt: 500, decodes: 40, tokens: 85_000);
        fleet.Load("i1", prefills: 1, prompt: 3000).Load("i2", prefills: 1, prompt: 3000);
        foreach (string name in new[] { "i3", "i4", "i5" })
        {
            fleet.Load(name, decodes: 60, tokens: 140_000);
        }

        RoutePlan plan = fleet.Plan(1000);

        Assert.Equal(Id("i1"), plan.Prefill);
        Assert.Equal(InstancePool.PrefillToDecode, fleet.Planner.PoolsOf("demo")!.Of(Id("i0")));
        Assert.Equal(1, fleet.Planner.PoolsOf("demo")!.MoveCounts[PoolRules.DecodeShort]);
    }

    [Fact]
    public void The_way_with_the_least_predicted_time_wins_over_tiers()
    {
        SloFleet fleet = SloFleet.Of(2);
        fleet.Options.DiskBytesPerSecond = 1e5;
        fleet.Hits = [new PrefixHit(Id("i0"), 10) { WithHost = 50, WithDisk = 60 }];

        RoutePlan plan = fleet.Plan(1000);

        // 10 blocks of disk would take 6.5 s; 40 of host memory 2 ms.
        Assert.Equal(Id("i0"), plan.Prefill);
        Assert.Equal(800, plan.ExpectedHitTokens);
        Assert.Null(plan.FetchFrom);
    }

    [Fact]
    public void Blocks_of_a_peer_are_fetched_when_that_is_quicker_than_computing()
    {
        SloFleet fleet = SloFleet.Of(4).Load("i0").Load("i1", prefills: 3, prompt: 9000);
        fleet.Hits = [new PrefixHit(Id("i1"), 60)];

        RoutePlan near = fleet.Plan(1000);
        fleet.Options.TransferBytesPerSecond = 1e6;
        RoutePlan far = fleet.Plan(1000);

        Assert.Equal((Id("i0"), Id("i1"), 60, 960), (near.Prefill, near.FetchFrom, near.FetchBlocks, near.ExpectedHitTokens));
        Assert.Equal((Id("i0"), null, 0), (far.Prefill, far.FetchFrom, far.ExpectedHitTokens));
    }

    [Fact]
    public void A_decode_instance_that_holds_the_prompt_computes_its_rest()
    {
        SloFleet fleet = SloFleet.Of(4);
        fleet.Options.TransferBytesPerSecond = 1e6;
        fleet.Options.LendShare = 0.5;
        fleet.Hits = [new PrefixHit(Id("i3"), 250)];

        RoutePlan plan = fleet.Plan(4008);

        Assert.Equal((Id("i3"), 4000), (plan.Prefill, plan.ExpectedHitTokens));
        Assert.StartsWith(RouteReasons.PrefixHeld, plan.Reason);
    }

    [Fact]
    public void Samples_of_one_prompt_stay_on_one_instance()
    {
        SloFleet fleet = SloFleet.Of(6);
        SampleGroup group = new("g", 8);

        RoutePlan[] plans = [.. Enumerable.Range(0, 8).Select(_ => fleet.Send(fleet.Request(3000, group)))];

        Assert.All(plans, p => Assert.Equal(plans[0].Decode, p.Decode));
        Assert.All(plans, p => Assert.True(p.IsMixed));
        Assert.StartsWith(RouteReasons.Group, plans[7].Reason);
    }

    [Fact]
    public void A_request_with_an_objective_of_its_own_is_held_to_it()
    {
        SloFleet fleet = Busy(8);

        RoutePlan patient = fleet.Decide(fleet.Request(1000, slo: new RequestSlo(60, 1))).Result.Plan!;

        Assert.StartsWith(RouteReasons.Prefill, patient.Reason);
        Assert.StartsWith(RouteReasons.Switched, fleet.Plan(1000).Reason);
    }

    [Fact]
    public void One_instance_alone_serves_everything()
    {
        SloFleet fleet = SloFleet.Of(1);
        for (int i = 0; i < 50; i++)
        {
            RoutePlan plan = fleet.Send(fleet.Request(2000));
            Assert.Equal((Id("i0"), true), (plan.Prefill, plan.IsMixed));
        }
    }

    [Fact]
    public void A_burst_between_two_reports_is_spread_over_the_whole_fleet()
    {
        SloFleet fleet = SloFleet.Of(8);
        HashSet<InstanceId> used = [];
        for (int i = 0; i < 64; i++)
        {
            used.Add(fleet.Send(fleet.Request(2000)).Prefill);
        }

        Assert.Equal(8, used.Count);
        Assert.Equal(2, fleet.Planner.PoolsOf("demo")!.Decoders);
    }

    [Fact]
    public void Refusals_and_exclusions_are_those_of_the_other_policies()
    {
        SloFleet fleet = SloFleet.Of(3);
        RouteRequest request = fleet.Request(100);

        Assert.Equal(RequestOutcome.ModelNotFound, fleet.Decide(request with { Model = "other" }).Result.Refusal);
        Assert.Equal(RequestOutcome.RejectedTooLong, fleet.Decide(fleet.Request(160_001)).Result.Refusal);
        Assert.Equal(Id("i2"), fleet.Decide(request with { Excluded = [Id("i0"), Id("i1")] }).Result.Plan!.Prefill);
        fleet.Set("i2", s => s with { Health = InstanceHealth.Draining });
        Assert.Equal(RequestOutcome.NoInstance, fleet.Decide(request with { Excluded = [Id("i0"), Id("i1")] }).Result.Refusal);
        Assert.Equal(3, fleet.Decide(request).Verdicts.Length);
    }

    [Fact]
    public void One_request_excluding_an_instance_does_not_move_it_between_pools()
    {
        SloFleet fleet = SloFleet.Of(4);
        fleet.Plan(10);

        fleet.Decide(fleet.Request(10) with { Excluded = [Id("i0"), Id("i3")] });

        Assert.False(fleet.Planner.PoolsOf("demo")!.MoveCounts.ContainsKey(PoolRules.Left));
    }

    [Fact]
    public void The_same_requests_give_the_same_plans()
    {
        static string Run()
        {
            SloFleet fleet = SloFleet.Of(6);
            Random chance = new(4);
            return string.Join('\n', Enumerable.Range(0, 300).Select(_ =>
            {
                fleet.Now += TimeSpan.FromMilliseconds(chance.Next(50));
                RoutePlan plan = fleet.Send(fleet.Request(1 + chance.Next(6000)));
                Assert.Empty(fleet.Planner.CheckIntegrity());
                return plan.ToString();
            }));
        }

        Assert.Equal(Run(), Run());
    }

    // Every prefill instance is about 1.5 s behind.
    private static SloFleet Busy(int size)
    {
        SloFleet fleet = SloFleet.Of(size);
        for (int i = 0; i < size / 2; i++)
        {
            fleet.Load($"i{i}", prefills: 5, prompt: 14_000);
        }

        return fleet;
    }
}
