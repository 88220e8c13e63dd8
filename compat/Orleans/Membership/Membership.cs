using System.Collections.Immutable;
using Microsoft.Extensions.Logging;

namespace Orleans.Runtime;

/// <summary>This silo's view of the cluster and its own row in the table.</summary>
internal sealed class Membership(SiloAddress address, string name, IMembershipTable table, ILogger logger)
    : IClusterMembershipService, ISiloStatusOracle
{
    private const int MaxWriteAttempts = 100;
    private readonly SemaphoreSlim _refreshing = new(1, 1);
    private readonly Broadcast<ClusterMembershipSnapshot> _snapshots = new(ClusterMembershipSnapshot.Empty);
    private readonly List<ISiloStatusListener> _listeners = [];
    private SiloStatus _status = SiloStatus.Created;
    private volatile ClusterMembershipSnapshot _current = ClusterMembershipSnapshot.Empty;

    /// <summary>Old and new snapshot; called one after the other, before others hear.</summary>
    public event Action<ClusterMembershipSnapshot, ClusterMembershipSnapshot>? Updating;

    public ClusterMembershipSnapshot CurrentSnapshot => _current;

    public IAsyncEnumerable<ClusterMembershipSnapshot> MembershipUpdates => _snapshots.ReadAsync();

    public SiloStatus CurrentStatus => _status;

    public string SiloName => name;

    public SiloAddress SiloAddress => address;

    /// <summary>Writes this silo's status; declares earlier lives on its endpoint dead.</summary>
    public async Task SetStatusAsync(SiloStatus status)
    {
        _status = status;
        for (var attempt = 0; attempt < MaxWriteAttempts; attempt++)
        {
            var data = await table.ReadAll();
            if (data.Members.FirstOrDefault(m => m.Item1.SiloAddress.IsPredecessorOf(address)
                && m.Item1.Status != SiloStatus.Dead)
                is { } old)
            {
                old.Item1.Status = SiloStatus.Dead;
                await table.UpdateRow(old.Item1, old.Item2, data.Version.Next());
                continue;
            }

            if (await TryWriteOwnAsync(data, status))
            {
                await Refresh();
                return;
            }
        }

        throw new OrleansException($"Silo {address} could not write its status {status} to the membership table.");
    }

    public async Task<bool> TryKill(SiloAddress siloAddress)
    {
        for (var attempt = 0; attempt < MaxWriteAttempts; attempt++)
        {
            var data = await table.ReadAll();
            if (data.TryGet(siloAddress) is not { } row)
            {
                return false;
            }

            if (row.Item1.Status == SiloStatus.Dead)
            {
                return true;
            }

            row.Item1.Status = SiloStatus.Dead;
            if (await table.UpdateRow(row.Item1, row.Item2, data.Version.Next()))
            {
                await Refresh();
                return true;
            }
        }

        return false;
    }

    public async ValueTask Refresh(MembershipVersion minimumVersion = default, CancellationToken cancellationToken = default)
    {
        await _refreshing.WaitAsync(cancellationToken);
        try
        {
            var data = await table.ReadAll();
            var old = _current;
            if (data.Version.Version <= old.Version.Value)
            {
                return;
            }

            var members = data.Members.ToImmutableDictionary(
                m => m.Item1.SiloAddress, m => new ClusterMember(m.Item1.SiloAddress, m.Item1.Status, m.Item1.SiloName));
            var snapshot = new ClusterMembershipSnapshot(members, new MembershipVersion(data.Version.Version));
            Tell(old, snapshot);
        }
        finally
        {
            _refreshing.Release();
        }
    }

    public SiloStatus GetApproximateSiloStatus(SiloAddress siloAddress) => CurrentSnapshot.GetSiloStatus(siloAddress);

    public Dictionary<SiloAddress, SiloStatus> GetApproximateSiloStatuses(bool onlyActive = false) =>
        CurrentSnapshot.Members.Values
        .Where(m => !onlyActive || m.Status == SiloStatus.Active)
        .ToDictionary(m => m.SiloAddress, m => m.Status);

    public SiloAddress[] GetActiveSilos() =>
        [.. CurrentSnapshot.Members.Values.Where(m => m.Status == SiloStatus.Active).Select(m => m.SiloAddress)];

    public bool TryGetSiloName(SiloAddress siloAddress, out string? siloName)
    {
        siloName = CurrentSnapshot.Members.GetValueOrDefault(siloAddress)?.Name;
        return siloName is not null;
    }

    public bool IsFunctionalDirectory(SiloAddress siloAddress) => !GetApproximateSiloStatus(siloAddress).IsTerminating();

    public bool IsDeadSilo(SiloAddress silo) => GetApproximateSiloStatus(silo) == SiloStatus.Dead;

    public bool SubscribeToSiloStatusEvents(ISiloStatusListener observer)
    {
        lock (_listeners)
        {
            _listeners.Add(observer);
        }

        return true;
    }

    public bool UnSubscribeFromSiloStatusEvents(ISiloStatusListener observer)
    {
        lock (_listeners)
        {
            return _listeners.Remove(observer);
        }
    }

    private async Task<bool> TryWriteOwnAsync(MembershipTableData data, SiloStatus status)
    {
        if (data.TryGet(address) is not { } row)
        {
            var now = DateTime.UtcNow;
            return await table.InsertRow(
                new MembershipEntry
                {
                    SiloAddress = address,
                    SiloName = name,
                    HostName = Environment.MachineName,
                    Status = status,
                    StartTime = now,
                    IAmAliveTime = now,
                },
                data.Version.Next());
        }

        if (row.Item1.Status == SiloStatus.Dead && status != SiloStatus.Dead)
        {
            throw new OrleansException($"Silo {address} has been declared dead by another silo; a dead silo does not come back.");
        }

        row.Item1.Status = status;
        return await table.UpdateRow(row.Item1, row.Item2, data.Version.Next());
    }

    private void Tell(ClusterMembershipSnapshot old, ClusterMembershipSnapshot snapshot)
    {
        var changes = snapshot.Members.Values
            .Where(m => !old.Members.TryGetValue(m.SiloAddress, out var before) || before.Status != m.Status).ToArray();
        _current = snapshot;
        Updating?.Invoke(old, snapshot);
        _snapshots.Publish(snapshot);
        ISiloStatusListener[] listeners;
        lock (_listeners)
        {
            listeners = [.. _listeners];
        }

        foreach (var listener in listeners)
        {
            foreach (var change in changes)
            {
                try
                {
                    listener.SiloStatusChangeNotification(change.SiloAddress, change.Status);
                }
                catch (Exception e)
                {
                    logger.LogError(e, "A silo status listener threw");
                }
            }
        }
    }
}
