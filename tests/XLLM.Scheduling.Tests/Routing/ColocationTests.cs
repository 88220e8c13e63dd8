using XLLM.Contracts.Fleet;
using XLLM.Contracts.Ids;
using XLLM.Contracts.Routing;
using XLLM.Scheduling.Roles;
using XLLM.Scheduling.Routing;
using static XLLM.Scheduling.Tests.Fleet.Instances;

namespace XLLM.Scheduling.Tests.Routing;

/// <summary>Nothing is split and nobody changes roles while one instance keeps both objectives.</summary>
public sealed class ColocationTests
{
    [Fact]
    public void The_instance_with_the_most_left_of_both_objectives_serves_the_whole_request()
    {
        SloFleet fleet = Colocating(4);
        fleet.Load("i0", prefills: 1, prompt: 2000).Load("i1", decodes: 30, tokens: 20_000).Load("i2", decodes: 2, tokens: 500)
            .Load("i3", prefills: 1, prompt: 3000, decodes: 4, tokens: 2000);

        RoutePlan plan = fleet.Plan(1000);

        Assert.Equal((Id("i2"), true), (plan.Decode, plan.IsMixed));
        Assert.StartsWith($"{RouteReasons.Colocated}, {RouteReasons.SameInstance}", plan.Reason);
    }

    [Fact]
    public void Intervals_above_the_objective_move_nobody_as_long_as_one_instance_keeps_it()
    {
        SloFleet fleet = Colocating(4);
        fleet.Load("i2", decodes: 9, tokens: 5000, interval: 0.5).Load("i3", decodes: 9, tokens: 5000, interval: 0.5);

        fleet.Plan(1000);

        Assert.Equal([PoolRules.Joined], fleet.Planner.MoveCounts.Keys);
    }

    [Fact]
    public void Where_prompts_leave_no_time_for_decodes_they_are_kept_apart()
    {
        // A decode step of 58 ms among prompts that take half of the time: 111 ms a token, whoever takes both.
        Assert.StartsWith(RouteReasons.Colocated, After(tokensPerSecond: 1000).Reason);
        RoutePlan plan = After(tokensPerSecond: 4800);

        Assert.False(plan.IsMixed);
        Assert.Contains(RouteReasons.FewestTokens, plan.Reason);
    }

    [Fact]
    public void Prompts_that_half_of_the_fleet_cannot_carry_are_not_kept_apart()
    {
        // 60 % of the time of each of four: more than two can do, who would be left after a split.
        RoutePlan plan = After(tokensPerSecond: 6000);

        Assert.True(plan.IsMixed);
        Assert.StartsWith($"{RouteReasons.Crowded}, {RouteReasons.SameInstance}", plan.Reason);
    }

    [Fact]
    public void Late_requests_keep_their_answer_where_their_prompt_waits()
    {
        SloFleet fleet = Colocating(4);
        fleet.Options.LateLimit = 30;
        foreach (string name in new[] { "i0", "i1", "i2" })
        {
            fleet.Load(name, prefills: 1, prompt: 12_000);
        }

        fleet.Load("i3", prefills: 4, prompt: 60_000, decodes: 20, tokens: 60_000);

        RoutePlan plan = fleet.Plan(1000);

        Assert.Equal((Id("i3"), true), (plan.Prefill, plan.IsMixed));
        Assert.StartsWith($"{RouteReasons.Late}, {RouteReasons.SameInstance}", plan.Reason);
    }

    private static SloFleet Colocating(int size)
    {
        SloFleet fleet = SloFleet.Of(size);
        fleet.Options.Colocate = true;
        return fleet;
    }

    // Each instance has reported for ten seconds that it computes so many prompt tokens a second, beside eight decodes.
    private static RoutePlan After(int tokensPerSecond)
    {
        SloFleet fleet = Colocating(4);
        fleet.Options.ChunkTokens = 4096;
        for (int second = 0; second < 10; second++)
        {
            for (int i = 0; i < 4; i++)
            {
                fleet.Load($"i{i}", decodes: 8, tokens: 46_000);
                fleet.Set($"i{i}", s => s with
                {
                    Seen = fleet.Now.AddSeconds(second),
                    Load = s.Load with { Sequence = second + 1, PromptTokens = (long)second * tokensPerSecond },
                });
            }

            fleet.Planner.Predictors.Observe(fleet.Snapshot);
        }

        fleet.Now = fleet.Now.AddSeconds(10);
        return fleet.Plan(1000);
    }
}
