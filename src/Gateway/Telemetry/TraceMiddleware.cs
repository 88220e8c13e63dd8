using System.Diagnostics;
using Microsoft.AspNetCore.Http;

namespace XLLM.Gateway.Telemetry;

/// <summary>Begins the trace of every request that asks for work; those that look (GET) have none.</summary>
internal sealed class TraceMiddleware(RequestDelegate next)
{
    public Task InvokeAsync(HttpContext context) =>
        HttpMethods.IsPost(context.Request.Method) ? TraceAsync(context) : next(context);

    private async Task TraceAsync(HttpContext context)
    {
        using Activity? span = GatewayTrace.Begin(context);
        await next(context);
        if (span is not null)
        {
            int status = context.Response.StatusCode;
            span.SetTag("http.response.status_code", status);
            span.SetTag("xllm.http_request_id", context.Features.Get<RequestRecord>()?.Id);
            if (status >= StatusCodes.Status500InternalServerError)
            {
                span.SetStatus(ActivityStatusCode.Error);
            }
        }
    }
}
