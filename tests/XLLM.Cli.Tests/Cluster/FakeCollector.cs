using System.Collections.Concurrent;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace XLLM.Cli.Tests.Cluster;

/// <summary>Takes OTLP over HTTP and keeps the messages as they are: names and ids stand in them as plain bytes.</summary>
internal sealed class FakeCollector : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentBag<byte[]> _messages = [];

    private FakeCollector(WebApplication app) => _app = app;

    public string Url => _app.Urls.First();

    public static async Task<FakeCollector> StartAsync()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        WebApplication app = builder.Build();
        FakeCollector collector = new(app);
        app.MapPost("/v1/traces", async (HttpContext context) =>
        {
            using MemoryStream body = new();
            await context.Request.Body.CopyToAsync(body);
            collector._messages.Add(body.ToArray());
        });
        await app.StartAsync();
        return collector;
    }

    /// <summary>Whether a message of that service has a span of that name and trace.</summary>
    public bool Has(string service, string span, byte[] trace) => _messages.Any(
        x => Contains(x, Encoding.UTF8.GetBytes(service)) && Contains(x, Named(span)) && Contains(x, trace));

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    // Field 5 of a span, a text: its tag, its length, its bytes.
    private static byte[] Named(string span) => [0x2a, (byte)span.Length, .. Encoding.UTF8.GetBytes(span)];

    private static bool Contains(byte[] message, byte[] part) => message.AsSpan().IndexOf(part) >= 0;
}
