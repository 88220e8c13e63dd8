using XLLM.Contracts.Fleet;
using XLLM.Contracts.Ids;

namespace XLLM.Scheduling.Fleet;

/// <summary>
/// Decides from successive snapshots whether one epoch of an instance is gone for good. Absence alone proves nothing at once:
/// a registry that has just restarted knows nobody until the instances report again.
/// </summary>
public sealed class InstanceWatch(InstanceId instance, long epoch, TimeSpan absentLimit)
{
    private DateTimeOffset? _absentSince;

    /// <summary>True: dead, replaced by a newer epoch, or absent from every snapshot for the limit.</summary>
    public bool IsLost(FleetSnapshot snapshot, DateTimeOffset now)
    {
        InstanceStatus? status = snapshot.Instances.FirstOrDefault(x => x.Descriptor.Id == instance);
        if (status is null)
        {
            _absentSince ??= now;
            return now - _absentSince >= absentLimit;
        }

        _absentSince = null;
        return status.Descriptor.Epoch > epoch || status.Health == InstanceHealth.Dead;
    }
}
