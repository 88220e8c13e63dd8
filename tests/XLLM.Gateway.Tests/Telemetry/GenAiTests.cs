using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Http.Json;
using XLLM.Gateway.Telemetry;
using XLLM.Gateway.Tests.Harness;

namespace XLLM.Gateway.Tests.Telemetry;

/// <summary>OpenTelemetry's conventions for generative AI.</summary>
public sealed class GenAiTests
{
    private const string Trace = "1af7651916cd43dd8448eb211c80319c";

    [Fact]
    public async Task A_requests_span_says_what_was_asked_and_what_came_and_no_text()
    {
        ConcurrentBag<Activity> spans = [];
        TaskCompletionSource done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        using ActivityListener listener = new()
        {
            ShouldListenTo = source => source.Name == GatewayTrace.SourceName,
            Sample = (ref ActivityCreationOptions<ActivityContext> options) => options.TraceId.ToString() == Trace
                ? ActivitySamplingResult.AllDataAndRecorded
                : ActivitySamplingResult.None,
            ActivityStopped = span =>
            {
                if (span.TraceId.ToString() == Trace && span.OperationName == "request")
                {
                    spans.Add(span);
                    done.TrySetResult();
                }
            },
        };
        ActivitySource.AddActivityListener(listener);
        await using GatewayHost host = await GatewayHost.StartAsync();
        using HttpRequestMessage request = new(HttpMethod.Post, "/v1/chat/completions")
        {
            Content = JsonContent.Create(new
            {
                messages = new[] { new { role = "user", content = "my secret" } }, temperature = 0.5, top_p = 0.75, max_tokens = 50, n = 2, seed = 7,
                stop = "###",
            }),
        };
        request.Headers.Add("traceparent", $"00-{Trace}-b7ad6b7169203331-01");
        using HttpResponseMessage response = await host.Client.SendAsync(request);
        response.EnsureSuccessStatusCode();
        await done.Task.WaitAsync(TestTime.Limit);

        Activity span = Assert.Single(spans);
        Assert.Equal("chat toy", span.DisplayName);
        Dictionary<string, object?> tags = span.TagObjects.ToDictionary(t => t.Key, t => t.Value);
        Assert.Equal("chat", tags["gen_ai.operation.name"]);
        Assert.Equal("xllm", tags["gen_ai.provider.name"]);
        Assert.Equal("toy", tags["gen_ai.request.model"]);
        Assert.Equal("toy", tags["gen_ai.response.model"]);
        Assert.Equal(50, tags["gen_ai.request.max_tokens"]);
        Assert.Equal(0.5, tags["gen_ai.request.temperature"]);
        Assert.Equal(0.75, tags["gen_ai.request.top_p"]);
        Assert.Equal(2, tags["gen_ai.request.choice.count"]);
        Assert.Equal(7L, tags["gen_ai.request.seed"]);
        Assert.Equal(["###"], (string[])tags["gen_ai.request.stop_sequences"]!);
        Assert.Equal(["stop", "stop"], (string[])tags["gen_ai.response.finish_reasons"]!);
        Assert.Equal(26, tags["gen_ai.usage.input_tokens"]);
        Assert.Equal(26, tags["gen_ai.usage.output_tokens"]);
        Assert.Equal("127.0.0.1", tags["server.address"]);
        Assert.Equal(host.Address.Port, tags["server.port"]);
        Assert.DoesNotContain(tags, t => t.Value is string text && text.Contains("secret", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_conventions_server_metrics_are_on_the_page_under_their_own_names()
    {
        await using GatewayHost host = await GatewayHost.StartAsync();
        await host.AskAsync("/v1/completions", new { prompt = "Hi", max_tokens = 30 });
        string page = await host.Client.GetStringAsync("/metrics");
        string labels = "{gen_ai_operation_name=\"text_completion\",gen_ai_provider_name=\"xllm\",gen_ai_request_model=\"toy\",gen_ai_response_model=\"toy\"";
        Assert.Contains("gen_ai_server_request_duration_seconds_count" + labels, page);
        Assert.Contains("gen_ai_server_time_to_first_token_seconds_count" + labels, page);
        Assert.Contains("gen_ai_server_time_per_output_token_seconds_count" + labels, page);
        Assert.DoesNotContain("xllm:gen_ai", page);
    }
}
