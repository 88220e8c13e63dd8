using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Http.Json;
using XLLM.Gateway.Telemetry;
using XLLM.Gateway.Tests.Harness;

namespace XLLM.Gateway.Tests.Telemetry;

public sealed class TraceTests
{
    private const string Trace = "0af7651916cd43dd8448eb211c80319c";
    private static readonly object Body = new { messages = new[] { new { role = "user", content = "Hi" } } };

    [Fact]
    public async Task A_clients_trace_goes_on_through_the_gateways_steps_into_the_house()
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
                if (span.TraceId.ToString() == Trace)
                {
                    spans.Add(span);
                }

                if (span.TraceId.ToString() == Trace && span.OperationName == "request")
                {
                    done.TrySetResult();
                }
            },
        };
        ActivitySource.AddActivityListener(listener);
        await using GatewayHost host = await GatewayHost.StartAsync();
        using HttpRequestMessage request = new(HttpMethod.Post, "/v1/chat/completions") { Content = JsonContent.Create(Body) };
        request.Headers.Add("traceparent", $"00-{Trace}-b7ad6b7169203331-01");
        using HttpResponseMessage response = await host.Client.SendAsync(request);
        response.EnsureSuccessStatusCode();
        await done.Task.WaitAsync(TestTime.Limit);

        Activity root = spans.Single(x => x.OperationName == "request");
        Assert.Equal("b7ad6b7169203331", root.ParentSpanId.ToString());
        Assert.Equal(["answer", "parse", "submit", "text"], spans.Where(x => x != root).Select(x => x.OperationName).Order());
        Assert.All(spans.Where(x => x != root), x => Assert.Equal(root.SpanId, x.ParentSpanId));
        Assert.Equal(["stream", "detokenize"], spans.Single(x => x.OperationName == "answer").Events.Select(x => x.Name));
        Assert.Equal(root.Id, host.Backend.Runs.Single().Request.TraceParent);
    }

    [Fact]
    public async Task Without_a_listener_no_trace_context_travels()
    {
        await using GatewayHost host = await GatewayHost.StartAsync();
        await host.AskAsync("/v1/chat/completions", Body);

        Assert.Equal("", host.Backend.Runs.Single().Request.TraceParent);
    }
}
