using System.Text.Json.Nodes;
using XLLM.Cli.Bench.Serve;

namespace XLLM.Cli.Tests.Bench;

public sealed class ServeReportTests
{
    [Fact]
    public void Percentiles_lie_between_neighbours_in_proportion()
    {
        Distribution d = Distribution.Of([4, 1, double.NaN, 3, 2]);
        Assert.Equal((2.5, 2.5), (d.Mean, d.Median));
        Assert.Equal(3.7, d.P90, 12);
        Assert.Equal(3.97, d.P99, 12);
        Assert.Equal(Math.Sqrt(1.25), d.Deviation, 12);
        Assert.Equal(7, Distribution.Of([7]).P99);
        Assert.True(double.IsNaN(Distribution.Of([]).Mean));
    }

    [Fact]
    public void Throughput_and_goodput_count_what_ended_and_what_met_every_level()
    {
        RequestRecord fast = new(0.1, [0.05, 0.05], 0.2, 10, 3, null);
        RequestRecord slow = new(0.9, [0.1], 1.0, 20, 2, null);
        RequestRecord one = new(0.1, [], 0.1, 5, 1, null);
        ServeReport report = new([fast, slow, one, RequestRecord.Failed("429 full")], 2, ServiceLevels.Parse(["ttft:500,tpot:50"]));
        Assert.Equal((3, 1), (report.CompletedCount, report.FailedCount));
        Assert.Equal(0.05, fast.Tpot, 12);
        Assert.True(double.IsNaN(one.Tpot));
        Assert.Equal(1, report.Goodput); // fast and one, in 2 s
        Assert.Equal(0.1, report.Ttft.Median);
        JsonObject json = report.ToJson();
        Assert.Equal(1.5, (double)json["request_throughput"]!);
        Assert.Equal(3, (double)json["output_throughput"]!);
        Assert.Equal(20.5, (double)json["total_token_throughput"]!);
        Assert.Equal(100, (double)json["median_ttft_ms"]!, 9);
        Assert.Contains("1 failed: 429 full", report.ToString(), StringComparison.Ordinal);
        Assert.Contains("P99 E2EL (ms)", report.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Without_any_success_times_are_null()
    {
        JsonObject json = new ServeReport([RequestRecord.Failed("x")], 1, ServiceLevels.Parse([])).ToJson();
        Assert.Null(json["mean_itl_ms"]);
        Assert.Null(json["request_goodput"]);
        Assert.Equal(0, (int)json["completed"]!);
    }

    [Theory]
    [InlineData("ttft")]
    [InlineData("ttft:0")]
    [InlineData("ttft:x")]
    [InlineData("speed:5")]
    [InlineData("ttft:5:6")]
    public void A_wrong_service_level_is_named(string text) =>
        Assert.Contains($"'{text}'", Assert.Throws<ArgumentException>(() => ServiceLevels.Parse([text])).Message, StringComparison.Ordinal);

    [Fact]
    public void Service_levels_may_be_separated_in_any_way() =>
        Assert.Equal(new ServiceLevels(0.5, 0.05, 3), ServiceLevels.Parse(["ttft:500 tpot:50", "e2el:3000"]));
}
