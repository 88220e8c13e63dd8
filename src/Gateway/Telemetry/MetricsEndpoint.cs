using Microsoft.AspNetCore.Http;
using XLLM.Gateway.Models;

namespace XLLM.Gateway.Telemetry;

/// <summary>GET /metrics.</summary>
internal sealed class MetricsEndpoint(GatewayMetrics metrics, IFleetView fleet)
{
    public async Task HandleAsync(HttpContext context)
    {
        string page = MetricsPage.Write(metrics, await fleet.GetAsync());
        context.Response.ContentType = PrometheusText.ContentType;
        await context.Response.WriteAsync(page);
    }
}
