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
        // A decode step of 18 ms among prompts that take 85 % of the time: 120 ms a token. Nobody has room for both.
        SloFleet fleet = Colocating(4);
        fleet.Options.ChunkTokens = 4096;
        Assert.StartsWith(RouteReasons.Colocated, After(fleet, tokensPerSecond: 1000).Reason);
        RoutePlan plan = After(fleet, tokensPerSecond: 8000);

        Assert.False(plan.IsMixed);
        Assert.Contains(RouteReasons.FewestTokens, plan.Reason);
    }

    [Fact]
    public void An_instance_is_filled_up_to_its_share_before_an_emptier_one_is_used()
    {
        SloFleet fleet = Colocating(3);
        fleet.Load("i0", decodes: 4, tokens: 1000).Load("i1", decodes: 9, tokens: 12_000).Load("i2");
        InstanceId spread = fleet.Plan(100).Decode;

        // A step of i0 beside a chunk takes 62 ms, one of i1 73 ms.
        fleet.Options.FillShare = 0.7;
        InstanceId filled = fleet.Plan(100).Decode;
        fleet.Options.FillShare = 0.8;

        Assert.Equal((Id("i2"), Id("i0"), Id("i1")), (spread, filled, fleet.Plan(100).Decode));
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
        fleet.Options.FillShare = 0;
        return fleet;
    }

    // Each instance has reported for ten seconds that it computes so many prompt tokens a second, beside eight decodes.
    private static RoutePlan After(SloFleet fleet, int tokensPerSecond)
    {
        for (int i = 0; i < 4; i++)
        {
            string name = $"i{i}";
            fleet.Load(name, decodes: 8, tokens: 7000);
            for (int second = 0; second < 10; second++)
            {
                fleet.Set(name, s => s with
                {
                    Seen = fleet.Now.AddSeconds(second),
                    Load = s.Load with { Sequence = s.Load.Sequence + 1, PromptTokens = (long)second * tokensPerSecond },
                });
                fleet.Planner.Predictors.Observe(fleet.Snapshot);
            }
        }

        fleet.Now = fleet.Now.AddSeconds(10);
        return fleet.Plan(1000);
    }
}
