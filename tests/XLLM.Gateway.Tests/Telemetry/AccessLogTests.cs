using System.Net.Http.Json;
using System.Text.Json;
using XLLM.Gateway.Tests.Harness;

namespace XLLM.Gateway.Tests.Telemetry;

/// <summary>One line a request, its id, and no text of users unless asked.</summary>
public sealed class AccessLogTests
{
    private const string Path = "/v1/chat/completions";
    private static readonly object Body = new { messages = new[] { new { role = "user", content = "my secret" } } };

    [Fact]
    public async Task A_request_has_one_line_with_its_id_tokens_and_finish_and_no_text_of_its_prompt()
    {
        await using GatewayHost host = await GatewayHost.StartAsync();
        using HttpResponseMessage response = await SendAsync(host, "trace-1:a.b_c");
        Assert.Equal("trace-1:a.b_c", Assert.Single(response.Headers.GetValues("x-request-id")));
        string line = await LineAsync(host);
        Assert.StartsWith("POST /v1/chat/completions 200 id=trace-1:a.b_c key=- model=toy in=26 out=13 ttft=", line);
        Assert.EndsWith("finish=stop", line);
        Assert.DoesNotContain(host.Logs.Lines, l => l.Line.Contains("secret", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("")]
    [InlineData("two words")]
    [InlineData("../../etc/passwd")]
    [InlineData("a\u0009b")]
    public async Task An_id_that_could_forge_a_line_is_replaced(string id)
    {
        await using GatewayHost host = await GatewayHost.StartAsync();
        using HttpResponseMessage response = await SendAsync(host, id);
        Assert.StartsWith("req_", Assert.Single(response.Headers.GetValues("x-request-id")));
        Assert.Contains(" id=req_", await LineAsync(host));
    }

    [Fact]
    public async Task Two_requests_of_one_id_are_two_requests()
    {
        await using GatewayHost host = await GatewayHost.StartAsync();
        (await SendAsync(host, "same")).Dispose();
        (await SendAsync(host, "same")).Dispose();
        Assert.Equal(2, host.Backend.Runs.Select(r => r.Request.Id).Distinct().Count());
    }

    [Fact]
    public async Task A_refused_request_has_its_line_and_id_too_and_its_path_cannot_break_it()
    {
        await using GatewayHost host = await GatewayHost.StartAsync();
        using HttpResponseMessage response = await host.Client.GetAsync("/nowhere%0Aforged%20line");
        Assert.Equal(404, (int)response.StatusCode);
        Assert.StartsWith("req_", Assert.Single(response.Headers.GetValues("x-request-id")));
        Assert.StartsWith("GET /nowhere%0Aforged%20line 404 id=req_", await LineAsync(host));
    }

    [Fact]
    public async Task Prompts_are_logged_when_asked()
    {
        await using GatewayHost host = await GatewayHost.StartAsync(o => o.LogPrompts = true);
        (await SendAsync(host, "x")).Dispose();
        await LineAsync(host);
        Assert.Contains(host.Logs.Lines, l => l.Line == "Prompt of x: [user]my secret[assistant]");
    }

    [Fact]
    public async Task Anthropics_errors_have_the_id_as_its_clients_read_it()
    {
        await using GatewayHost host = await GatewayHost.StartAsync();
        using HttpResponseMessage response = await host.PostAsync("/v1/messages", "{}");
        string id = Assert.Single(response.Headers.GetValues("request-id"));
        JsonElement error = await response.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal(id, error.GetProperty("request_id").GetString());
    }

    private static async Task<HttpResponseMessage> SendAsync(GatewayHost host, string id)
    {
        using HttpRequestMessage request = new(HttpMethod.Post, Path) { Content = JsonContent.Create(Body) };
        request.Headers.TryAddWithoutValidation("x-request-id", id);
        HttpResponseMessage response = await host.Client.SendAsync(request);
        await response.Content.ReadAsStringAsync();
        return response;
    }

    // The line is written after the answer.
    private static async Task<string> LineAsync(GatewayHost host)
    {
        using var limit = new CancellationTokenSource(TestTime.Limit);
        while (true)
        {
            limit.Token.ThrowIfCancellationRequested();
            if (host.Logs.Lines.Select(l => l.Line).FirstOrDefault(l => l.Contains(" id=", StringComparison.Ordinal)) is { } line)
            {
                return line;
            }

            await Task.Yield();
        }
    }
}
