using System.Globalization;
using XLLM.Cli.Bench.Policies;
using XLLM.Cli.Bench.Serve;

namespace XLLM.Cli.Tests.Bench;

public sealed class PolicyResultTests
{
    private const string Page = """
        # TYPE xllm:router_plans_total counter
        xllm:router_plans_total{policy="slo-aware",kind="mixed"} 30
        xllm:router_plans_total{policy="recovery",kind="mixed"} 2
        xllm:router_plans_total{policy="slo-aware",kind="split"} 8
        xllm:router_reasons_total{reason="colocated, same-instance"} 30
        xllm:router_pool_moves_total{rule="joined"} 4
        xllm:router_ttft_error 0.25
        xllm:router_predictor_error{instance="a",predictor="prefill"} 0.1
        xllm:router_predictor_error{instance="a",predictor="decode"} 0.3
        xllm:engine_steps_total 7
        """;

    [Fact]
    public void What_a_router_says_of_itself_is_read_from_its_metrics()
    {
        RouterFacts facts = RouterFacts.Parse(Page);

        Assert.Equal(0.2, facts.SplitShare, 1e-9);
        Assert.Equal(32, facts.Plans["mixed"]);
        Assert.Equal(4, facts.Moves["joined"]);
        Assert.Equal((0.25, 0.2), (facts.TtftError, Math.Round(facts.StepError, 9)));
        RouterFacts later = RouterFacts.Parse(Page.Replace("} 30", "} 50", StringComparison.Ordinal)).Since(facts);
        Assert.Equal(20, later.Plans["mixed"]);
        Assert.DoesNotContain("split", later.Plans.Keys);
        Assert.Equal(52, later.And(facts).Plans["mixed"]);
    }

    [Fact]
    public void Rounds_of_a_point_count_together_and_their_spread_is_shown()
    {
        PolicyPoint point = Point(0.5, 0.5, 3).And(Point(0.5, 3, 3));

        Assert.Equal(0.5, point.Attainment, 1e-9);
        Assert.Equal(["0.667", "0.333"], point.Rounds.Select(r => r.ToString("0.000", CultureInfo.InvariantCulture)));
        Assert.Equal(3 / 20.0, point.Goodput, 1e-9);
        string table = PolicyTable.Of([point]);
        Assert.Contains("2: 33", table, StringComparison.Ordinal);
        Assert.Contains("slo-aware at 4/s: colocated, same-instance 60", PolicyTable.Reasons([point]), StringComparison.Ordinal);
        Assert.Contains("<polyline", PolicyChart.Of([point], "a < b", "c"), StringComparison.Ordinal);
        Assert.Contains("a &lt; b", PolicyChart.Of([point], "a < b", "c"), StringComparison.Ordinal);
    }

    private static PolicyPoint Point(params double[] firstTokens) => new(
        "slo-aware",
        4,
        new ServeReport(
            [.. firstTokens.Select(t => new RequestRecord(t, [0.01, 0.02], t + 0.03, 10, 3, null))], 10, new ServiceLevels(2, 0.1, null)),
        RouterFacts.Parse(Page));
}
