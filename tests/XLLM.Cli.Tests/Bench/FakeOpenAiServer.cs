using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace XLLM.Cli.Tests.Bench;

/// <summary>A server that streams as many pieces as are wanted, as an OpenAI server does; it keeps the bodies it got.</summary>
internal sealed class FakeOpenAiServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly Lock _lock = new();
    private int _running;

    private FakeOpenAiServer(WebApplication app) => _app = app;

    public string Url => _app.Urls.First() + "/";

    public List<JsonNode> Bodies { get; } = [];

    public int MostRunning { get; private set; }

    /// <summary>Requests wanting exactly this many tokens are refused with 429.</summary>
    public int Refused { get; set; } = -1;

    public static async Task<FakeOpenAiServer> StartAsync()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        WebApplication app = builder.Build();
        FakeOpenAiServer server = new(app);
        app.MapGet("/v1/models", () => Results.Json(new { data = new[] { new { id = "fake" } } }));
        app.MapPost("/v1/completions", c => server.AnswerAsync(c, chat: false));
        app.MapPost("/v1/chat/completions", c => server.AnswerAsync(c, chat: true));
        await app.StartAsync();
        return server;
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    private async Task AnswerAsync(HttpContext context, bool chat)
    {
        JsonNode body = (await JsonNode.ParseAsync(context.Request.Body))!;
        lock (_lock)
        {
            Bodies.Add(body);
            MostRunning = Math.Max(MostRunning, ++_running);
        }

        int wanted = (int)body["max_tokens"]!;
        if (wanted == Refused)
        {
            Leave();
            context.Response.StatusCode = 429;
            await context.Response.WriteAsync("{\"error\": {\"message\": \"full\"}}");
        }
        else
        {
            await StreamAsync(context.Response, chat, wanted);
        }
    }

    // Before the last line: with it the client may send the next request.
    private void Leave()
    {
        lock (_lock)
        {
            _running--;
        }
    }

    private async Task StreamAsync(HttpResponse response, bool chat, int wanted)
    {
        response.ContentType = "text/event-stream";
        if (chat)
        {
            await SendAsync(response, "{\"choices\": [{\"delta\": {\"role\": \"assistant\", \"content\": \"\"}}]}");
        }

        for (int i = 0; i < wanted; i++)
        {
            await SendAsync(response, chat ? "{\"choices\": [{\"delta\": {\"content\": \"x\"}}]}" : "{\"choices\": [{\"text\": \"x\"}]}");
            await Task.Yield();
        }

        await response.WriteAsync(": a comment\n\n");
        await SendAsync(response, chat ? "{\"choices\": [{\"delta\": {}, \"finish_reason\": \"length\"}]}" : "{\"choices\": [{\"text\": \"\", \"finish_reason\": \"length\"}]}");
        await SendAsync(response, $"{{\"choices\": [], \"usage\": {{\"prompt_tokens\": 11, \"completion_tokens\": {wanted + 1}}}}}");
        Leave();
        await SendAsync(response, "[DONE]");
    }

    private static async Task SendAsync(HttpResponse response, string data)
    {
        await response.WriteAsync($"data: {data}\n\n");
        await response.Body.FlushAsync();
    }
}
