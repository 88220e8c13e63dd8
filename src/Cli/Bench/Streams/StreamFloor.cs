using System.IO.Pipelines;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace XLLM.Cli.Bench.Streams;

/// <summary>
/// The least that streams cost on this machine: the same web server, with the same settings, that writes the same bytes to the
/// same number of clients at the same pace, out of one loop and without a gateway, grains or an engine.
/// </summary>
internal sealed class StreamFloor : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly Lock _lock = new();
    private readonly List<PipeWriter> _writers = [];
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _loop;
    private long _written;

    private StreamFloor(WebApplication app, int streams, byte[] bytes, TimeSpan pace)
    {
        _app = app;
        app.MapPost("/v1/chat/completions", TakeAsync);
        _loop = Task.Run(() => WriteAsync(streams, bytes, pace));
    }

    public Uri Url => new(_app.Urls.First());

    /// <summary>Writes so far; each stands for one token.</summary>
    public long Written => Interlocked.Read(ref _written);

    /// <param name="streams">Clients it waits for.</param>
    /// <param name="bytes">Bytes of a token.</param>
    /// <param name="pace">Time between two tokens of a stream.</param>
    /// <param name="cancel">Ends the start.</param>
    public static async Task<StreamFloor> StartAsync(int streams, int bytes, TimeSpan pace, CancellationToken cancel)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseSockets(sockets => sockets.UnsafePreferInlineScheduling = true);
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(System.Net.IPAddress.Loopback, 0));
        WebApplication app = builder.Build();
        byte[] token = new byte[bytes];
        token.AsSpan().Fill((byte)'x');
        StreamFloor floor = new(app, streams, token, pace);
        await app.StartAsync(cancel);
        return floor;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _loop;
        await _app.StopAsync();
        await _app.DisposeAsync();
        _stop.Dispose();
    }

    private async Task TakeAsync(HttpContext context)
    {
        context.Response.ContentType = "text/event-stream";
        await context.Response.BodyWriter.FlushAsync();
        lock (_lock)
        {
            _writers.Add(context.Response.BodyWriter);
        }

        // The answer is open until the loop writes no more.
        await _loop;
    }

    private async Task WriteAsync(int streams, byte[] bytes, TimeSpan pace)
    {
        using PeriodicTimer timer = new(pace);
        try
        {
            while (await timer.WaitForNextTickAsync(_stop.Token))
            {
                PipeWriter[] all;
                lock (_lock)
                {
                    all = _writers.Count < streams ? [] : [.. _writers];
                }

                foreach (PipeWriter writer in all)
                {
                    bytes.CopyTo(writer.GetSpan(bytes.Length));
                    writer.Advance(bytes.Length);
                    await writer.FlushAsync(_stop.Token);
                }

                Interlocked.Add(ref _written, all.Length);
            }
        }
        catch (OperationCanceledException)
        {
            // Measured.
        }
    }
}
