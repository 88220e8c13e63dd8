using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Orleans.Configuration;

namespace Orleans.Runtime;

/// <summary>This silo's view of the cluster and its own row in the table.</summary>
internal sealed class Membership : IClusterMembershipService, ISiloStatusOracle
{
    private readonly MembershipIdentity _self;
    private readonly IMembershipTable _table;
    private readonly ILogger _logger;
    private readonly MembershipWriter _writer;
    private readonly SemaphoreSlim _refreshing = new(1, 1);
    private readonly Broadcast<ClusterMembershipSnapshot> _snapshots = new(ClusterMembershipSnapshot.Empty);
    private readonly List<ISiloStatusListener> _listeners = [];
    private volatile ClusterMembershipSnapshot _current = ClusterMembershipSnapshot.Empty;

    public Membership(MembershipIdentity self, IMembershipTable table, ClusterMembershipOptions options, ILogger logger)
    {
        _self = self;
        _table = table;
        _logger = logger;
        Health = new TableHealth(logger);
        UsesGossip = options.UseLivenessGossip;
        _writer = new MembershipWriter(self, table, options, logger);
    }

    /// <summary>Old and new snapshot; called one after the other, before others hear.</summary>
    public event Action<ClusterMembershipSnapshot, ClusterMembershipSnapshot>? Updating;

    /// <summary>This silo has changed the table, and seen the change.</summary>
    public event Action? Written;

    public bool UsesGossip { get; }

    /// <summary>Whether the table answers.</summary>
    public TableHealth Health { get; }

    public ClusterMembershipSnapshot CurrentSnapshot => _current;

    public IAsyncEnumerable<ClusterMembershipSnapshot> MembershipUpdates => _snapshots.ReadAsync();

    public SiloStatus CurrentStatus { get; private set; } = SiloStatus.Created;

    public string SiloName => _self.Name;

    public SiloAddress SiloAddress => _self.Address;

    /// <summary>
    /// Writes this silo's status; declares earlier lives on its endpoint dead. A table that does not answer is asked again until the
    /// time is over.
    /// </summary>
    public async Task SetStatusAsync(SiloStatus status, TimeSpan patience)
    {
        CurrentStatus = status;
        await Health.RetryAsync(() => _writer.WriteStatusAsync(status), patience);
        await Refresh();
        Written?.Invoke();
    }

    public Task<bool> TryKill(SiloAddress siloAddress) => TryWriteAsync(() => _writer.TryKillAsync(siloAddress));

    /// <summary>
    /// Votes that a silo is dead, and declares it dead when the votes are enough; true when it is dead then.
    /// </summary>
    public Task<bool> TrySuspectAsync(SiloAddress siloAddress) => TryWriteAsync(() => _writer.TrySuspectAsync(siloAddress));

    public async ValueTask Refresh(MembershipVersion minimumVersion = default, CancellationToken cancellationToken = default)
    {
        await _refreshing.WaitAsync(cancellationToken);
        try
        {
            var data = await _table.ReadAll();
            Health.OnSuccess();
            if (data.Version.Version > _current.Version.Value)
            {
                var members = data.Members.ToImmutableDictionary(
                    m => m.Item1.SiloAddress, m => new ClusterMember(m.Item1.SiloAddress, m.Item1.Status, m.Item1.SiloName));
                Tell(_current, new ClusterMembershipSnapshot(members, new MembershipVersion(data.Version.Version)));
            }
        }
        catch (Exception e)
        {
            Health.OnFailure(e);
            throw;
        }
        finally
        {
            _refreshing.Release();
        }
    }

    /// <summary>Takes over what another silo knows, when it is newer.</summary>
    public async Task ApplyAsync(ClusterMembershipSnapshot snapshot)
    {
        await _refreshing.WaitAsync();
        try
        {
            if (snapshot.Version > _current.Version)
            {
                Tell(_current, snapshot);
            }
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

    private async Task<bool> TryWriteAsync(Func<Task<bool>> write)
    {
        try
        {
            var done = await write();
            Health.OnSuccess();
            await Refresh();
            Written?.Invoke();
            return done;
        }
        catch (Exception e)
        {
            Health.OnFailure(e);
            return false;
        }
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
                    _logger.LogError(e, "A silo status listener threw");
                }
            }
        }
    }
}
