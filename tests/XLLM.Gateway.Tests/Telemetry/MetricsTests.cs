using System.Globalization;
using System.Text.RegularExpressions;
using XLLM.Contracts.Requests;
using XLLM.Gateway.Telemetry;
using XLLM.Gateway.Tests.Harness;

namespace XLLM.Gateway.Tests.Telemetry;

public sealed partial class MetricsTests
{
    private static readonly object Body = new { messages = new[] { new { role = "user", content = "Hi" } } };

    [Fact]
    public async Task The_page_has_the_names_dashboards_ask_for_in_Prometheus_form()
    {
        await using GatewayHost host = await GatewayHost.StartAsync();
        await host.AskAsync("/v1/chat/completions", Body);
        using HttpResponseMessage response = await host.Client.GetAsync("/metrics");
        Assert.Equal("text/plain; version=0.0.4; charset=utf-8", response.Content.Headers.ContentType?.ToString());
        string page = await response.Content.ReadAsStringAsync();
        var samples = new Dictionary<string, double>();
        foreach (string line in page.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(l => l[0] != '#'))
        {
            Match match = Sample().Match(line);
            Assert.True(match.Success, line);
            samples.Add(match.Groups[1].Value, double.Parse(match.Groups[2].Value, CultureInfo.InvariantCulture));
        }

        const string Engine = "{model_name=\"toy\",engine=\"silo/cpu0\"}";
        const string Model = "{model_name=\"toy\"}";
        Assert.Equal(3, samples["xllm:num_requests_running" + Engine]);
        Assert.Equal(2, samples["xllm:num_requests_waiting" + Engine]);
        Assert.Equal(0.25, samples["xllm:kv_cache_usage_perc" + Engine]);
        Assert.Equal(7, samples["xllm:num_preemptions_total" + Engine]);
        Assert.Contains("xllm:prefix_cache_queries_total" + Engine, samples);
        Assert.Contains("xllm:prefix_cache_hits_total" + Engine, samples);
        Assert.Equal(19, samples["xllm:prompt_tokens_total" + Model]);
        Assert.Equal(13, samples["xllm:generation_tokens_total" + Model]);
        Assert.Equal(1, samples["xllm:request_success_total{model_name=\"toy\",finished_reason=\"stop\"}"]);
        Assert.Equal(1, samples["xllm:request_outcome_total{model_name=\"toy\",outcome=\"CompletedStop\"}"]);
        Assert.Equal(1, samples["xllm:time_to_first_token_seconds_count" + Model]);
        Assert.Equal(12, samples["xllm:inter_token_latency_seconds_count" + Model]);
        Assert.Equal(1, samples["xllm:e2e_request_latency_seconds_bucket{model_name=\"toy\",le=\"+Inf\"}"]);
        Assert.Equal(0.25, samples["xllm:request_queue_time_seconds_sum" + Model]);
        Assert.Equal(1, samples["xllm:request_queue_time_seconds_bucket{model_name=\"toy\",le=\"0.3\"}"]);
    }

    [Fact]
    public async Task Every_request_ends_in_exactly_one_outcome_also_those_refused_at_the_door()
    {
        await using GatewayHost host = await GatewayHost.StartAsync();
        await host.AskAsync("/v1/chat/completions", new { messages = new[] { new { role = "user", content = "Hi" } }, n = 3 });
        using HttpResponseMessage refused = await host.PostAsync("/v1/chat/completions", "{}");
        using HttpResponseMessage tooLong = await host.PostAsync("/v1/completions", """{"prompt":"a","max_tokens":3000}""");
        Assert.Equal(3, host.Metrics.Of("toy").OutcomesOf(RequestOutcome.CompletedStop));
        Assert.Equal(1, host.Metrics.Of("toy").OutcomesOf(RequestOutcome.RejectedTooLong));
        Assert.Equal(1, host.Metrics.Of("").OutcomesOf(RequestOutcome.RejectedInvalid));
    }

    [Fact]
    public async Task A_finished_request_is_one_log_line_with_its_numbers()
    {
        await using GatewayHost host = await GatewayHost.StartAsync();
        await host.AskAsync("/v1/chat/completions", Body);
        string line = Assert.Single(host.Logs.Lines, l => l.Line.StartsWith("Request req-", StringComparison.Ordinal)).Line;
        Assert.Contains("CompletedStop model=toy prompt=19 cached=0 generated=13 ttft=", line);
    }

    [Fact]
    public void A_histogram_counts_a_value_at_its_bound_in_that_bucket()
    {
        var histogram = new Histogram([1, 2]);
        foreach (double value in new[] { 0.5, 1, 1.5, 2, 3, double.NaN })
        {
            histogram.Observe(value);
        }

        Assert.Equal([2L, 2L, 1L], Enumerable.Range(0, 3).Select(histogram.CountOf));
        Assert.Equal(8, histogram.Sum);
    }

    [Fact]
    public void Label_values_are_escaped()
    {
        var page = new PrometheusText();
        page.Sample("a", 1, "l", "x\"\\\ny");
        Assert.Equal("a{l=\"x\\\"\\\\\\ny\"} 1\n", page.ToString());
    }

    [GeneratedRegex(@"^([a-zA-Z_:][a-zA-Z0-9_:]*(?:\{(?:[a-z_]+=""[^""]*"",?)+\})?) ([0-9.eE+-]+|\+Inf|NaN)$")]
    private static partial Regex Sample();
}
