using Microsoft.AspNetCore.Http;
using XLLM.Contracts.Fleet;
using XLLM.Gateway.Models;
using XLLM.Gateway.OpenAi;

namespace XLLM.Gateway.Cluster;

/// <summary>
/// GET /cluster/integrity: every instance audits its blocks, leases and streams between two steps. Work that is under way is no
/// fault. As open as /metrics.
/// </summary>
internal sealed class IntegrityEndpoint(IFleetView fleet)
{
    public async Task HandleAsync(HttpContext context)
    {
        FleetSnapshot snapshot = await fleet.GetAsync();
        InstanceStatus[] there = [.. snapshot.Instances.Where(i => i.Health != InstanceHealth.Dead)];
        IReadOnlyList<string>[] faults = await Task.WhenAll(there.Select(i => fleet.AuditAsync(i.Descriptor.Id)));
        await JsonAnswer.WriteAsync(context.Response, json =>
        {
            json.WriteStartObject();
            json.WriteNumber("instances", there.Length);
            json.WriteStartArray("faults");
            foreach (string fault in faults.SelectMany(f => f))
            {
                json.WriteStringValue(fault);
            }

            json.WriteEndArray();
            json.WriteEndObject();
        });
    }
}
