using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using XLLM.Contracts.Ports;
using XLLM.Gateway.Hosting;

namespace XLLM.Cli.Hosting;

/// <summary>What an engine process says over HTTP: /health/live, /health/ready and /metrics. It takes no requests there.</summary>
internal static class EngineNodeEndpoints
{
    public static void MapEngineNode(this WebApplication app)
    {
        IModelReadiness readiness = app.Services.GetRequiredService<IModelReadiness>();
        app.MapGet("/health/live", () => Results.Json(new { status = "live" }));
        app.MapGet("/health/ready", () =>
        {
            ModelReadiness now = readiness.Current;
            var answer = new
            {
                status = now.State.ToString().ToLowerInvariant(),
                progress = Math.Clamp(double.IsFinite(now.Progress) ? now.Progress : 0, 0, 1),
                instances = now.Instances.Select(i => i.Id.Value).ToArray(),
                error = now.Error,
            };
            return Results.Json(
                answer,
                statusCode: now.State == ReadinessState.Ready ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable);
        });
        app.MapXllmMetrics();
    }
}
