using Microsoft.AspNetCore.Http;
using XLLM.Gateway.Batches;
using XLLM.Gateway.Models;

namespace XLLM.Gateway.Telemetry;

/// <summary>GET /metrics: the gateway's numbers, the fleet's, and those of every meter of ours in this process.</summary>
internal sealed class MetricsEndpoint(GatewayMetrics metrics, MeterCollector meters, BatchMetrics batches, IFleetView fleet)
{
    public async Task HandleAsync(HttpContext context)
    {
        var page = new PrometheusText();
        MetricsPage.Write(page, metrics, await fleet.GetAsync());
        batches.Write(page);
        meters.Write(page);
        await WriteAsync(context, page);
    }

    public static Task WriteAsync(HttpContext context, PrometheusText page)
    {
        context.Response.ContentType = PrometheusText.ContentType;
        return context.Response.WriteAsync(page.ToString());
    }
}
