using Orleans;
using Orleans.Concurrency;
using XLLM.Contracts.Fleet;
using XLLM.Contracts.Ids;

namespace XLLM.Contracts.Grains;

/// <summary>The registry of instances: versions, heartbeats, suspicion and death. One per cluster; key 0.</summary>
[Alias("xllm.IFleetGrain")]
public interface IFleetGrain : IGrainWithIntegerKey
{
    /// <summary>
    /// Registers an instance, or a new epoch of it; an older epoch is refused with <c>false</c>. An epoch that counts as dead comes
    /// back by this, after it has ended all it had.
    /// </summary>
    [Alias("Register")]
    Task<bool> RegisterAsync(InstanceDescriptor descriptor, InstanceHealth health);

    /// <summary>A heartbeat.</summary>
    [Alias("Report")]
    Task<FleetVerdict> ReportAsync(LoadReport report, InstanceHealth health);

    /// <summary>
    /// Somebody could not reach this epoch of the instance. It is suspect at once, and dead when it does not report within two
    /// report periods.
    /// </summary>
    [Alias("ReportUnreachable")]
    Task ReportUnreachableAsync(InstanceId instance, long epoch);

    /// <summary>The instance left in an orderly way.</summary>
    [Alias("Unregister")]
    Task UnregisterAsync(InstanceId instance, long epoch);

    /// <summary>The newest snapshot; null when <paramref name="known"/> is the newest.</summary>
    [ReadOnly]
    [Alias("GetSnapshot")]
    Task<FleetSnapshot?> GetSnapshotAsync(FleetVersion known);
}
