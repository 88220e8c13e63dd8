using System.Collections.Immutable;
using XLLM.Contracts.Fleet;
using XLLM.Contracts.Ids;
using XLLM.Contracts.Kv;
using XLLM.Contracts.Routing;

namespace XLLM.Gateway.Models;

/// <summary>The fleet as the gateway knows it. Any thread.</summary>
internal interface IFleetView
{
    /// <summary>A snapshot that is not older than the options allow, or the last one known when the fleet does not answer.</summary>
    ValueTask<FleetSnapshot> GetAsync();

    /// <summary>What the cluster's router makes of the instances; null when it does not answer.</summary>
    Task<RoutingView?> GetRoutingAsync();

    /// <summary>What each block owner knows, in at most so many segments; empty for one that does not answer.</summary>
    Task<ImmutableArray<PrefixTree>> GetPrefixesAsync(int maxSegments);

    /// <summary>The instance's audit of itself: a line a fault, also when it does not answer.</summary>
    Task<IReadOnlyList<string>> AuditAsync(InstanceId instance);
}
