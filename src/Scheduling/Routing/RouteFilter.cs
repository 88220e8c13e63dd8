using XLLM.Contracts.Fleet;
using XLLM.Contracts.Routing;

namespace XLLM.Scheduling.Routing;

/// <summary>Names the reason an instance cannot take a request at all, or none.</summary>
internal static class RouteFilter
{
    /// <summary>The first filter that drops the instance: model, excluded, health, fault, role, too-small.</summary>
    public static string? Drop(InstanceStatus status, RouteRequest request, InstanceRole role)
    {
        if (status.Descriptor.Model.Name != request.Model)
        {
            return "model";
        }

        if (request.Excluded.Contains(status.Descriptor.Id))
        {
            return "excluded";
        }

        if (status.Health is not (InstanceHealth.Ready or InstanceHealth.Suspect))
        {
            return status.Health.ToString().ToLowerInvariant();
        }

        if (status.Load.Fault is not null)
        {
            return "fault";
        }

        if ((status.Descriptor.Role & role) != role)
        {
            return "role";
        }

        return (long)status.Descriptor.TotalBlocks * status.Descriptor.BlockTokens < request.PromptTokens ? "too-small" : null;
    }
}
