using System.Text.Json;
using XLLM.Contracts.Requests;
using XLLM.Gateway.Tests.Harness;

namespace XLLM.Gateway.Tests.OpenAi;

/// <summary>How a request wants to be served: class of priority, latency objectives, time limit.</summary>
public sealed class OperationTests
{
    private static readonly object[] Ask = [new { role = "user", content = "Hi" }];

    [Theory]
    [InlineData("\"priority\": \"interactive\"", RequestPriority.Interactive)]
    [InlineData("\"priority\": \"normal\", \"service_tier\": \"flex\"", RequestPriority.Online)]
    [InlineData("\"priority\": \"batch\"", RequestPriority.Offline)]
    [InlineData("\"priority\": -3", RequestPriority.Interactive)]
    [InlineData("\"priority\": 0", RequestPriority.Online)]
    [InlineData("\"priority\": 7", RequestPriority.Offline)]
    [InlineData("\"service_tier\": \"flex\"", RequestPriority.Offline)]
    [InlineData("\"service_tier\": \"priority\"", RequestPriority.Interactive)]
    [InlineData("\"service_tier\": \"auto\"", RequestPriority.Online)]
    public async Task A_class_of_priority_has_a_name_a_number_or_a_tier(string field, RequestPriority expected)
    {
        await using GatewayHost host = await GatewayHost.StartAsync();
        string messages = "\"messages\": [{\"role\": \"user\", \"content\": \"Hi\"}]";
        foreach ((string path, string body) in Bodies(messages, field))
        {
            using HttpResponseMessage response = await host.PostAsync(path, body);
            Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
        }

        Assert.Equal(4, host.Backend.Runs.Count());
        Assert.All(host.Backend.Runs, r => Assert.Equal(expected, r.Request.Priority));
    }

    [Fact]
    public async Task Objectives_travel_in_seconds_from_every_API()
    {
        await using GatewayHost host = await GatewayHost.StartAsync();
        string messages = "\"messages\": [{\"role\": \"user\", \"content\": \"Hi\"}]";
        foreach ((string path, string body) in Bodies(messages, "\"ttft_slo_ms\": 1500, \"tpot_slo_ms\": 0.5"))
        {
            using HttpResponseMessage response = await host.PostAsync(path, body);
            Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
        }

        Assert.All(host.Backend.Runs, r => Assert.Equal(new RequestSlo(1.5, 0.0005), r.Request.Slo));
    }

    [Theory]
    [InlineData("\"ttft_slo_ms\": 0", "ttft_slo_ms")]
    [InlineData("\"ttft_slo_ms\": 3600001", "ttft_slo_ms")]
    [InlineData("\"tpot_slo_ms\": \"fast\"", "tpot_slo_ms")]
    [InlineData("\"priority\": \"urgent\"", "priority")]
    [InlineData("\"priority\": 1.5", "priority")]
    [InlineData("\"priority\": {}", "priority")]
    public async Task What_is_out_of_range_is_named(string field, string name)
    {
        await using GatewayHost host = await GatewayHost.StartAsync();
        using HttpResponseMessage response = await host.PostAsync("/v1/completions", $"{{\"prompt\": \"Hi\", {field}}}");
        Assert.Equal(400, (int)response.StatusCode);
        JsonElement error = JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement.GetProperty("error");
        Assert.Equal(name, error.GetProperty("param").GetString());
    }

    [Fact]
    public async Task Attainment_is_counted_by_objective()
    {
        await using GatewayHost host = await GatewayHost.StartAsync();
        await host.AskAsync("/v1/chat/completions", new { messages = Ask, ttft_slo_ms = 3_600_000, tpot_slo_ms = 3_600_000 });
        await host.AskAsync("/v1/chat/completions", new { messages = Ask, ttft_slo_ms = 0.001 });
        await host.AskAsync("/v1/chat/completions", new { messages = Ask });
        host.Backend.OnSubmit = run => run.Finish(RequestOutcome.EngineFailed);
        using HttpResponseMessage failed = await host.OpenAsync("/v1/chat/completions", new { messages = Ask, tpot_slo_ms = 3_600_000 });
        string page = await host.Client.GetStringAsync("/metrics");
        Assert.Contains("xllm:request_slo_total{model_name=\"toy\",objective=\"ttft\",result=\"met\"} 1", page);
        Assert.Contains("xllm:request_slo_total{model_name=\"toy\",objective=\"ttft\",result=\"missed\"} 1", page);
        Assert.Contains("xllm:request_slo_total{model_name=\"toy\",objective=\"tpot\",result=\"met\"} 1", page);
        Assert.Contains("xllm:request_slo_total{model_name=\"toy\",objective=\"tpot\",result=\"missed\"} 1", page);
        Assert.Contains("xllm:request_slo_total{model_name=\"toy\",objective=\"all\",result=\"met\"} 1", page);
        Assert.Contains("xllm:request_slo_total{model_name=\"toy\",objective=\"all\",result=\"missed\"} 2", page);
    }

    [Fact]
    public async Task A_request_that_takes_longer_than_allowed_ends_with_a_504_that_names_the_setting()
    {
        await using GatewayHost host = await GatewayHost.StartAsync(o => o.RequestTimeout = TimeSpan.FromMilliseconds(50));
        host.Backend.OnSubmit = run => run.Say("never ends") is not null ? ScriptedRun.Accept() : null!;
        using HttpResponseMessage response = await host.OpenAsync("/v1/chat/completions", new { messages = Ask });
        Assert.Equal(504, (int)response.StatusCode);
        Assert.Contains("Gateway:RequestTimeout", await response.Content.ReadAsStringAsync());
        Assert.Equal(RequestOutcome.Cancelled, await host.Backend.Runs.Single().Ended.Task.WaitAsync(TestTime.Limit));
        Assert.Equal(1, host.Metrics.Of("toy").OutcomesOf(RequestOutcome.TimedOut));
    }

    private static (string Path, string Body)[] Bodies(string messages, string field) =>
    [
        ("/v1/chat/completions", $"{{{messages}, {field}}}"),
        ("/v1/completions", $"{{\"prompt\": \"Hi\", {field}}}"),
        ("/v1/responses", $"{{\"input\": \"Hi\", {field}}}"),
        ("/v1/messages", $"{{{messages}, \"max_tokens\": 20, {field}}}"),
    ];
}
