using System.Collections.Immutable;
using XLLM.Contracts.Fleet;
using XLLM.Contracts.Ids;
using XLLM.Contracts.Kv;
using XLLM.Contracts.Requests;
using XLLM.Contracts.Routing;
using XLLM.Scheduling.Routing;
using static XLLM.Scheduling.Tests.Fleet.Instances;

namespace XLLM.Scheduling.Tests.Routing;

public sealed class RoutePlannerTests
{
    [Fact]
    public void Round_robin_takes_each_instance_in_turn()
    {
        RoutePlanner planner = Planner("round-robin");
        FleetSnapshot fleet = Snapshot(Ready("a"), Ready("b"), Ready("c"));

        string[] chosen = [.. Enumerable.Range(0, 6).Select(i => Chosen(planner.Plan(Context(fleet) with { Turn = i })))];

        Assert.Equal(["a/cpu0", "b/cpu0", "c/cpu0", "a/cpu0", "b/cpu0", "c/cpu0"], chosen);
    }

    [Fact]
    public void Least_loaded_takes_the_idlest_instance()
    {
        FleetSnapshot fleet = Snapshot(Ready("a", running: 5), Ready("b", running: 1), Ready("c", running: 2, waiting: 9));

        Assert.Equal("b/cpu0", Chosen(Planner("least-loaded").Plan(Context(fleet))));
    }

    [Fact]
    public void Equal_scores_go_to_the_lowest_id_and_an_instance_with_queue_room_goes_first()
    {
        FleetSnapshot equal = Snapshot(Ready("a"), Ready("b"));
        RoutingOptions blind = new() { LoadWeight = 0 };
        FleetSnapshot full = Snapshot(Ready("a", waiting: 8), Ready("b", running: 8));

        Assert.Equal("a/cpu0", Chosen(Planner("least-loaded").Plan(Context(equal))));
        Assert.Equal("b/cpu0", Chosen(new RoutePlanner(RoutingPolicies.Create(blind), 8192).Plan(Context(full))));
    }

    [Fact]
    public void Cache_aware_prefers_the_holder_until_it_is_too_busy()
    {
        ImmutableArray<PrefixHit> hits = [new(Id("b"), 3)];
        RoutePlanner planner = Planner("cache-aware");

        RouteDecision idle = planner.Plan(Context(Snapshot(Ready("a"), Ready("b", running: 2))) with { Hits = hits });
        RouteDecision busy = planner.Plan(Context(Snapshot(Ready("a"), Ready("b", running: 8, waiting: 60))) with { Hits = hits });

        Assert.Equal("b/cpu0", Chosen(idle));
        Assert.Equal(48, idle.Result.Plan!.ExpectedHitTokens);
        Assert.Equal("a/cpu0", Chosen(busy));
        Assert.Equal(0, busy.Result.Plan!.ExpectedHitTokens);
    }

    [Fact]
    public void Cache_aware_counts_a_part_of_the_prompt_as_that_part()
    {
        // xllm-service divides integers: only a full hit counts there, and only a full queue weighs.
        FleetSnapshot fleet = Snapshot(Ready("a"), Ready("b"), Ready("c"));

        RouteDecision decision = Planner("cache-aware").Plan(
            Context(fleet) with { Hits = [new PrefixHit(Id("b"), 1), new PrefixHit(Id("c"), 2)] });

        Assert.Equal("c/cpu0", Chosen(decision));
        Assert.Equal([1, 1.25, 1.5], decision.Verdicts.Select(v => v.Score));
    }

    [Fact]
    public void Cache_aware_scores_idle_instances_without_a_hit_too()
    {
        // xllm-service considers none of them as soon as some instance matched.
        FleetSnapshot fleet = Snapshot(Ready("a", running: 8, waiting: 60), Ready("b"));

        RouteDecision decision = Planner("cache-aware").Plan(Context(fleet) with { Hits = [new PrefixHit(Id("a"), 1)] });

        Assert.Equal("b/cpu0", Chosen(decision));
        Assert.Equal(2, decision.Verdicts.Length);
    }

    [Fact]
    public void Round_robin_counts_prefill_and_decode_instances_apart()
    {
        InstanceStatus prefill(string name) => Ready(name) with { Descriptor = Ready(name).Descriptor with { Role = InstanceRole.Prefill } };
        InstanceStatus decode(string name) => Ready(name) with { Descriptor = Ready(name).Descriptor with { Role = InstanceRole.Decode } };
        FleetSnapshot fleet = Snapshot(decode("d"), decode("e"), prefill("p"), prefill("q"), prefill("r"));
        RoutePlanner planner = Planner("round-robin");

        string[] pairs =
        [
            .. Enumerable.Range(0, 6).Select(i =>
            {
                RoutePlan plan = planner.Plan(Context(fleet) with { Turn = i + 1, PrefillTurn = i }).Result.Plan!;
                return plan.Prefill.SiloName + plan.Decode.SiloName;
            }),
        ];

        Assert.Equal(["pe", "qd", "re", "pd", "qe", "rd"], pairs);
    }

    [Fact]
    public void Minimal_load_is_the_name_of_least_loaded_in_the_report()
    {
        RouteDecision decision = Planner("minimal-load").Plan(Context(Snapshot(Ready("a", running: 2), Ready("b", running: 1))));

        Assert.Equal("b/cpu0", Chosen(decision));
        Assert.Equal("minimal-load", decision.Result.Plan!.Policy);
    }

    [Fact]
    public void A_burst_between_two_reports_is_spread_by_the_ledger()
    {
        FleetSnapshot fleet = Snapshot(Ready("a"), Ready("b"));
        var ledger = new FlightLedger();
        RoutePlanner planner = Planner("least-loaded");
        Dictionary<string, int> counts = [];
        for (int i = 0; i < 10; i++)
        {
            RouteContext context = Context(fleet) with { Ledger = ledger };
            context = context with { Request = context.Request with { Request = new RequestId($"req-{i}") } };
            RoutePlan plan = planner.Plan(context).Result.Plan!;
            counts[plan.Decode.Value] = counts.GetValueOrDefault(plan.Decode.Value) + 1;
            ledger.Scheduled(context.Request, plan, fleet, default);
        }

        Assert.Equal(5, counts["a/cpu0"]);
        Assert.Equal(5, counts["b/cpu0"]);
    }

    [Fact]
    public void Suspects_are_used_only_when_nothing_else_is_ready()
    {
        InstanceStatus suspect = Ready("a") with { Health = InstanceHealth.Suspect };

        Assert.Equal("b/cpu0", Chosen(Planner("least-loaded").Plan(Context(Snapshot(suspect, Ready("b", running: 7))))));
        Assert.Equal("a/cpu0", Chosen(Planner("least-loaded").Plan(Context(Snapshot(suspect)))));
    }

    [Theory]
    [InlineData(InstanceHealth.Starting, "starting")]
    [InlineData(InstanceHealth.Draining, "draining")]
    [InlineData(InstanceHealth.Dead, "dead")]
    public void An_instance_that_takes_no_work_is_refused_with_its_state(InstanceHealth health, string reason)
    {
        RouteDecision decision = Planner("cache-aware").Plan(Context(Snapshot(Ready("a") with { Health = health })));

        Assert.Equal(RequestOutcome.NoInstance, decision.Result.Refusal);
        Assert.Contains($"a/cpu0=- ({reason})", decision.Result.Message);
    }

    [Fact]
    public void A_faulted_or_excluded_instance_is_not_chosen()
    {
        InstanceStatus faulted = Ready("a") with { Load = Ready("a").Load with { Fault = "out of memory" } };
        RouteContext context = Context(Snapshot(faulted, Ready("b"), Ready("c", running: 3)));
        context = context with { Request = context.Request with { Excluded = [Id("b")] } };

        Assert.Equal("c/cpu0", Chosen(Planner("cache-aware").Plan(context)));
    }

    [Fact]
    public void An_unknown_model_is_refused_with_the_names_of_those_that_are_served()
    {
        RouteContext context = Context(Snapshot(Ready("a"), Ready("b")));
        context = context with { Request = context.Request with { Model = "other" } };

        RouteResult result = Planner("cache-aware").Plan(context).Result;

        Assert.Equal(RequestOutcome.ModelNotFound, result.Refusal);
        Assert.Equal("The model 'other' is not served here. Served: demo.", result.Message);
    }

    [Fact]
    public void An_empty_fleet_means_no_instance_rather_than_an_unknown_model() =>
        Assert.Equal(RequestOutcome.NoInstance, Planner("cache-aware").Plan(Context(Snapshot())).Result.Refusal);

    [Fact]
    public void A_prompt_larger_than_every_pool_is_too_long()
    {
        RouteContext context = Context(Snapshot(Ready("a")));
        context = context with { Request = context.Request with { PromptTokens = (1000 * 16) + 1 } };

        Assert.Equal(RequestOutcome.RejectedTooLong, Planner("cache-aware").Plan(context).Result.Refusal);
    }

    [Fact]
    public void A_decode_instance_gets_a_prefill_instance_beside_it()
    {
        FleetSnapshot fleet = Snapshot(
            Ready("d") with { Descriptor = Ready("d").Descriptor with { Role = InstanceRole.Decode } },
            Ready("p", running: 1) with { Descriptor = Ready("p").Descriptor with { Role = InstanceRole.Prefill } },
            Ready("q") with { Descriptor = Ready("q").Descriptor with { Role = InstanceRole.Prefill } });

        RoutePlan plan = Planner("least-loaded").Plan(Context(fleet)).Result.Plan!;

        Assert.False(plan.IsMixed);
        Assert.Equal(Id("d"), plan.Decode);
        Assert.Equal(Id("q"), plan.Prefill);
    }

    [Fact]
    public void A_decision_explains_every_instance_and_carries_the_fleet_version_and_epoch()
    {
        FleetSnapshot fleet = Snapshot(Ready("a") with { Health = InstanceHealth.Dead }, Ready("b"));

        RouteDecision decision = Planner("cache-aware").Plan(Context(fleet));

        Assert.Equal("a/cpu0=- (dead); b/cpu0=1 (hit 0, load 0)", decision.Explain());
        Assert.Equal(fleet.Version, decision.Result.Plan!.Fleet);
        Assert.Equal(1, decision.Result.Plan.Epoch);
        Assert.Equal("cache-aware", decision.Result.Plan.Policy);
    }

    [Fact]
    public void The_same_context_gives_the_same_decision()
    {
        RouteContext context = Context(Snapshot([.. Enumerable.Range(0, 50).Select(i => Ready($"s{i}", running: i * 7 % 13))]));
        RoutePlanner planner = Planner("cache-aware");

        Assert.Equal(planner.Plan(context).Explain(), planner.Plan(context).Explain());
    }

    private static RoutePlanner Planner(string policy) =>
        new(RoutingPolicies.Create(new RoutingOptions { Policy = policy }), 8192);

    private static string Chosen(RouteDecision decision) => decision.Result.Plan!.Decode.Value;

    private static RouteContext Context(FleetSnapshot fleet) => new()
    {
        Fleet = fleet,
        Request = new RouteRequest { Request = new RequestId("req-1"), Model = "demo", PromptTokens = 64 },
    };
}
