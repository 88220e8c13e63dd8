using System.Collections.Immutable;
using XLLM.Contracts.Fleet;
using XLLM.Contracts.Routing;

namespace XLLM.Scheduling.Routing;

/// <summary>Names the reason an instance cannot take a request at all, or none.</summary>
internal static class RouteFilter
{
    /// <summary>
    /// The instances that may take the request in this role: ready ones, else suspect ones. Every other gets its verdict.
    /// </summary>
    public static List<InstanceStatus> Select(
        RouteContext context, InstanceRole role, ImmutableArray<RouteVerdict>.Builder verdicts)
    {
        List<InstanceStatus> ready = [];
        List<InstanceStatus> suspect = [];
        foreach (InstanceStatus status in context.Fleet.Instances)
        {
            string? dropped = Drop(status, context.Request, role);
            if (dropped is not null)
            {
                verdicts.Add(new RouteVerdict(status.Descriptor.Id, dropped, double.NaN, 0, 0));
            }
            else
            {
                (status.Health == InstanceHealth.Ready ? ready : suspect).Add(status);
            }
        }

        if (ready.Count == 0)
        {
            return suspect;
        }

        foreach (InstanceStatus status in suspect)
        {
            verdicts.Add(new RouteVerdict(status.Descriptor.Id, "suspect", double.NaN, 0, 0));
        }

        return ready;
    }

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

        long capacity = (long)status.Descriptor.TotalBlocks * status.Descriptor.BlockTokens;
        return capacity < (long)request.PromptTokens + request.ResumedTokens ? "too-small" : null;
    }
}
