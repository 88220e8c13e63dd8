using System.Text.Json;
using Microsoft.AspNetCore.Http;
using XLLM.Contracts.Fleet;
using XLLM.Contracts.Ports;
using XLLM.Gateway.Models;
using XLLM.Gateway.OpenAi;

namespace XLLM.Gateway.Health;

/// <summary>GET /health/live: the process answers. GET /health/ready: a model answers; 503 with the progress until then.</summary>
internal sealed class HealthEndpoint(IModelReadiness readiness, ModelCatalog models, IFleetView fleet)
{
    public static Task LiveAsync(HttpContext context) => WriteAsync(context.Response, json => json.WriteString("status", "live"));

    public async Task ReadyAsync(HttpContext context)
    {
        ModelReadiness local = readiness.Current;
        FleetSnapshot snapshot = await fleet.GetAsync();
        bool served = local.State is ReadinessState.Ready
            && snapshot.Instances.Any(i => i.Health == InstanceHealth.Ready)
            && await IsTextLoadedAsync();
        if (!served)
        {
            context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            context.Response.Headers.RetryAfter = "1";
        }

        await WriteAsync(context.Response, json => Write(json, local, snapshot, served));
    }

    private async Task<bool> IsTextLoadedAsync()
    {
        foreach (InstanceDescriptor model in await models.ListAsync())
        {
            try
            {
                await models.ResolveAsync(model.Model.Name);
            }
            catch (Errors.ApiException)
            {
                return false;
            }
        }

        return true;
    }

    private static void Write(Utf8JsonWriter json, ModelReadiness local, FleetSnapshot snapshot, bool served)
    {
        string status = served ? "ready" : local.State == ReadinessState.Ready
            ? "loading"
            : local.State.ToString().ToLowerInvariant();
        json.WriteString("status", status);
        json.WriteNumber("progress", Math.Clamp(double.IsFinite(local.Progress) ? local.Progress : 0, 0, 1));
        json.WriteStartArray("instances");
        foreach (InstanceStatus instance in snapshot.Instances)
        {
            json.WriteStartObject();
            json.WriteString("id", instance.Descriptor.Id.Value);
            json.WriteString("model", instance.Descriptor.Model.Name);
            json.WriteString("health", instance.Health.ToString().ToLowerInvariant());
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static Task WriteAsync(HttpResponse response, Action<Utf8JsonWriter> write) => JsonAnswer.WriteAsync(response, json =>
    {
        json.WriteStartObject();
        write(json);
        json.WriteEndObject();
    });
}
