using Microsoft.Extensions.Logging;
using Orleans.Configuration;

namespace Orleans.Runtime;

/// <summary>Probes the silos that follow this one on a ring, all silos where there are few.</summary>
internal sealed class ClusterHealthMonitor(SiloNode silo, ClusterMembershipOptions options) : IDisposable
{
    private readonly Dictionary<SiloAddress, SiloMonitor> _monitors = [];
    private bool _isStopped;

    /// <summary>Begins with the current members.</summary>
    public void Start()
    {
        if (options.LivenessEnabled)
        {
            silo.Membership.Updating += OnView;
            OnView(ClusterMembershipSnapshot.Empty, silo.Membership.CurrentSnapshot);
        }
    }

    public void Dispose()
    {
        silo.Membership.Updating -= OnView;
        lock (_monitors)
        {
            _isStopped = true;
            foreach (var monitor in _monitors.Values)
            {
                monitor.Dispose();
            }

            _monitors.Clear();
        }
    }

    /// <summary>The silos that this one probes.</summary>
    public static SiloAddress[] TargetsOf(SiloAddress self, ClusterMembershipSnapshot snapshot, int count)
    {
        var ring = snapshot.Members.Values
            .Where(m => m.Status is SiloStatus.Active or SiloStatus.ShuttingDown || m.SiloAddress.Equals(self))
            .Select(m => m.SiloAddress)
            .OrderBy(s => unchecked((uint)s.GetConsistentHashCode())).ThenBy(s => s).ToArray();
        var at = Array.IndexOf(ring, self);
        return at < 0 ? [] : [.. Enumerable.Range(1, Math.Min(count, ring.Length - 1)).Select(i => ring[(at + i) % ring.Length])];
    }

    private void OnView(ClusterMembershipSnapshot old, ClusterMembershipSnapshot snapshot)
    {
        lock (_monitors)
        {
            if (_isStopped)
            {
                return;
            }

            var targets = TargetsOf(silo.Address, snapshot, options.NumProbedSilos);
            foreach (var gone in _monitors.Keys.Except(targets).ToArray())
            {
                _monitors.Remove(gone, out var monitor);
                monitor!.Dispose();
            }

            foreach (var target in targets.Where(t => !_monitors.ContainsKey(t)))
            {
                _monitors[target] = new SiloMonitor(silo, target, options);
                silo.Logger.LogDebug("Silo {Silo} is probed", target);
            }
        }
    }
}
