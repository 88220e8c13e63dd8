using Orleans;
using Orleans.Concurrency;
using XLLM.Contracts.Fleet;
using XLLM.Contracts.Ids;

namespace XLLM.Contracts.Grains;

/// <summary>The registry of instances: versions, heartbeats, suspicion and death. One per cluster; key 0.</summary>
[Alias("xllm.IFleetGrain")]
public interface IFleetGrain : IGrainWithIntegerKey
{
    /// <summary>Registers an instance, or a new epoch of it; an older epoch is refused with <c>false</c>.</summary>
    [Alias("Register")]
    Task<bool> RegisterAsync(InstanceDescriptor descriptor, InstanceHealth health);

    /// <summary>A heartbeat. False = not registered (any more): register again.</summary>
    [Alias("Report")]
    Task<bool> ReportAsync(LoadReport report, InstanceHealth health);

    /// <summary>The instance left in an orderly way.</summary>
    [Alias("Unregister")]
    Task UnregisterAsync(InstanceId instance, long epoch);

    /// <summary>The newest snapshot; null when <paramref name="known"/> is the newest.</summary>
    [ReadOnly]
    [Alias("GetSnapshot")]
    Task<FleetSnapshot?> GetSnapshotAsync(FleetVersion known);
}
