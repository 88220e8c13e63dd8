using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;
using XLLM.Gateway.Cluster;
using XLLM.Gateway.Keys;

namespace XLLM.Gateway.Telemetry;

/// <summary>Gives every request its id and, when it has ended, one line in the log under <see cref="Category"/>.</summary>
internal sealed class AccessMiddleware(
    RequestDelegate next, ILoggerFactory loggers, TimeProvider time, IEnumerable<ClusterLink> links)
{
    public const string Category = "XLLM.Access";

    private const int ClientLeft = 499;
    private const int MaxPathLength = 256;

    private readonly ILogger _logger = loggers.CreateLogger(Category);
    private readonly PathString[] _pages = [.. links.Select(l => new PathString(l.Path.TrimEnd('/')))];

    public async Task InvokeAsync(HttpContext context)
    {
        long began = time.GetTimestamp();
        var record = new RequestRecord(RequestIds.Of(context.Request));
        context.Features.Set(record);
        RequestIds.Tell(context, record.Id);
        try
        {
            await next(context);
        }
        finally
        {
            Tell(context, record, time.GetElapsedTime(began));
        }
    }

    private void Tell(HttpContext context, RequestRecord record, TimeSpan elapsed)
    {
        // What is polled all day long is only told when asked.
        LogLevel level = IsPolled(context.Request) ? LogLevel.Debug : LogLevel.Information;
        if (!_logger.IsEnabled(level))
        {
            return;
        }

        bool left = !context.Response.HasStarted && context.RequestAborted.IsCancellationRequested;
        _logger.Request(
            level,
            context.Request.Method,
            RouteOf(context),
            left ? ClientLeft : context.Response.StatusCode,
            record.Id,
            context.Features.Get<KeyUse>()?.Name ?? "-",
            record.Model ?? "-",
            record.InputTokens,
            record.OutputTokens,
            record.FirstTokenSeconds * 1000,
            elapsed.TotalMilliseconds,
            record.Finish ?? "-");
        if (record.Prompt is { } prompt)
        {
            _logger.Prompt(record.Id, prompt);
        }
    }

    private bool IsPolled(HttpRequest request) =>
        !HttpMethods.IsPost(request.Method)
        && (request.Path.StartsWithSegments("/health", StringComparison.OrdinalIgnoreCase)
            || request.Path.StartsWithSegments("/metrics", StringComparison.OrdinalIgnoreCase)
            || request.Path.StartsWithSegments("/cluster", StringComparison.OrdinalIgnoreCase)
            || request.Path.StartsWithSegments("/console", StringComparison.OrdinalIgnoreCase)
            || Array.Exists(_pages, p => request.Path.StartsWithSegments(p, StringComparison.OrdinalIgnoreCase)));

    // Paths of no route are what strangers make of them: escaped, and cut.
    private static string RouteOf(HttpContext context)
    {
        if ((context.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText is { } route)
        {
            return route;
        }

        string path = context.Request.Path.ToUriComponent();
        return path.Length <= MaxPathLength ? path : path[..MaxPathLength] + "...";
    }
}
