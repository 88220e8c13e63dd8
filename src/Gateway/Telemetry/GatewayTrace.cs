using System.Diagnostics;
using Microsoft.AspNetCore.Http;

namespace XLLM.Gateway.Telemetry;

/// <summary>Spans of the gateway's steps, under the source that all rooms share; null when nobody listens.</summary>
internal static class GatewayTrace
{
    /// <summary>As the grains' source.</summary>
    public const string SourceName = "XLLM";

    private static readonly ActivitySource Source = new(SourceName);

    /// <summary>
    /// The trace's first span in this house, below the client's when it sent a <c>traceparent</c>. Disposed by the caller.
    /// </summary>
    public static Activity? Begin(HttpContext context)
    {
        if (!Source.HasListeners())
        {
            return null;
        }

        // The web server's own activity is not recorded anywhere, and its children would not be either.
        Activity.Current = null;
        ActivityContext.TryParse(
            context.Request.Headers.TraceParent, context.Request.Headers.TraceState, isRemote: true, out ActivityContext client);
        Activity? span = Source.StartActivity("request", ActivityKind.Server, client);
        span?.SetTag("http.request.method", context.Request.Method).SetTag("url.path", context.Request.Path.Value);
        if (span is not null && context.Request.Host is { HasValue: true } host)
        {
            span.SetTag("server.address", host.Host).SetTag("server.port", host.Port);
        }

        return span;
    }

    public static Activity? Step(string name) => Source.StartActivity(name);
}
