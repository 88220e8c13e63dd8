using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Configuration;

namespace Orleans.Runtime;

/// <summary>The silo's own part in its lifecycle: joining, becoming active, leaving.</summary>
internal sealed class SiloStages(
    SiloNode silo, IMembershipTable table, IOptions<ClusterMembershipOptions> membership, TimeProvider time,
        ILogger<SiloStages> logger)
    : ILifecycleParticipant<ISiloLifecycle>
{
    private static readonly TimeSpan LeavePatience = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan JoinRetry = TimeSpan.FromMilliseconds(250);
    private readonly ClusterMembershipOptions _options = membership.Value;
    private bool _hasJoined;
    private ITimer? _collector;
    private MembershipUpkeep? _upkeep;
    private ClusterHealthMonitor? _monitor;

    public void Participate(ISiloLifecycle lifecycle)
    {
        lifecycle.Subscribe<SiloStages>(ServiceLifecycleStage.RuntimeInitialize, JoinAsync, LeaveAsync);
        lifecycle.Subscribe<SiloStages>(ServiceLifecycleStage.GrainDeactivation, _ => Task.CompletedTask, DeactivateAsync);
        lifecycle.Subscribe<SiloStages>(ServiceLifecycleStage.BecomeActive, BecomeActiveAsync, ShutDownAsync);
    }

    /// <summary>The end without farewell.</summary>
    public void Crash()
    {
        _collector?.Dispose();
        silo.Catalog.Close();
        StopWatching();
        silo.Detach($"Silo {silo.Address} was killed.");
    }

    private async Task JoinAsync(CancellationToken token)
    {
        StartChecks.Run();
        silo.Metadata.Set(silo.Address, silo.Metadata.Own);
        await table.InitializeMembershipTable(true);
        silo.Attach();
        Watch();
        await silo.Membership.SetStatusAsync(SiloStatus.Joining, _options.MaxJoinAttemptTime);
        _hasJoined = true;
        var data = silo.IsRemote ? await table.ReadAll() : null;
        await Task.WhenAll(silo.Membership.CurrentSnapshot.Members.Values
            .Where(m => m.Status is SiloStatus.Active or SiloStatus.Joining && !m.SiloAddress.Equals(silo.Address))
            .Select(m => silo.IsRemote ? GreetRemoteAsync(m, data!, token) : GreetAsync(m.SiloAddress)));
    }

    // Each active silo must be reachable, as in Orleans: else the two would vote each other out. Silos that join at the same time
    // are not waited for: the later of two finds the earlier one's row.
    private async Task GreetRemoteAsync(ClusterMember other, MembershipTableData data, CancellationToken token)
    {
        var started = Environment.TickCount64;
        while (!await silo.ExchangeMetadataAsync(other.SiloAddress))
        {
            token.ThrowIfCancellationRequested();
            await silo.Membership.Refresh(cancellationToken: token);
            if (silo.Membership.GetApproximateSiloStatus(other.SiloAddress) is not SiloStatus.Active
                || (data.TryGet(other.SiloAddress) is { } row && MembershipWriter.IsStale(row.Item1, _options, DateTime.UtcNow)))
            {
                return;
            }

            if (Environment.TickCount64 - started > _options.MaxJoinAttemptTime.TotalMilliseconds)
            {
                throw new OrleansException(
                    $"Silo {silo.Address} cannot join: the active silo {other.SiloAddress} was not reachable for "
                    + $"{_options.MaxJoinAttemptTime}.");
            }

            logger.LogWarning("The active silo {Silo} does not answer; joining waits for it, or for its end", other.SiloAddress);
            await Task.Delay(JoinRetry, token);
        }
    }

    private async Task GreetAsync(SiloAddress other)
    {
        try
        {
            silo.Metadata.Set(other, await silo.ControlOf(other).ExchangeMetadataAsync(silo.Address, silo.Metadata.Own));
        }
        catch (SiloUnavailableException)
        {
            logger.LogWarning("Silo {Silo} of the table cannot be reached and is declared dead", other);
            await silo.Membership.TryKill(other);
        }
    }

    private async Task BecomeActiveAsync(CancellationToken token)
    {
        await silo.Membership.SetStatusAsync(SiloStatus.Active, _options.MaxJoinAttemptTime);
        if (silo.IsRemote)
        {
            _monitor = new ClusterHealthMonitor(silo, _options);
            _monitor.Start();
        }

        var quantum = silo.Collection.CollectionQuantum;
        _collector = time.CreateTimer(_ => silo.Catalog.CollectAsync(null).Ignore(), null, quantum, quantum);
    }

    private async Task ShutDownAsync(CancellationToken token)
    {
        if (silo.IsDetached)
        {
            return;
        }

        _collector?.Dispose();
        silo.Catalog.Close();
        await LeaveStepAsync(SiloStatus.ShuttingDown);
    }

    private async Task DeactivateAsync(CancellationToken token)
    {
        if (!silo.IsDetached)
        {
            await silo.Catalog.DeactivateAllAsync(
                new DeactivationReason(DeactivationReasonCode.ShuttingDown, "This process is terminating."),
                    token).WaitAsync(token);
        }
    }

    private async Task LeaveAsync(CancellationToken token)
    {
        if (silo.IsDetached)
        {
            return;
        }

        if (!_hasJoined)
        {
            StopWatching();
            silo.Detach($"Silo {silo.Address} could not join.");
            return;
        }

        await LeaveStepAsync(SiloStatus.Stopping);
        await silo.Directory.UnregisterSilos([silo.Address]);
        await silo.DrainAsync().WaitAsync(token);
        StopWatching();
        await LeaveStepAsync(SiloStatus.Dead);
        await silo.FlushAsync();
        silo.Detach($"Silo {silo.Address} has stopped.");
    }

    // A table that does not answer does not keep a silo from leaving: the others will find it gone.
    private async Task LeaveStepAsync(SiloStatus status)
    {
        try
        {
            await silo.Membership.SetStatusAsync(status, LeavePatience);
        }
        catch (Exception e) when (silo.IsRemote)
        {
            logger.LogWarning(e, "Silo {Silo} leaves without having written that it is {Status}", silo.Address, status);
        }
    }

    // A table in this process says when it changes; any other is read from time to time.
    private void Watch()
    {
        if (table is InMemoryMembershipTable local)
        {
            local.Changed += OnTableChanged;
        }

        _upkeep = new MembershipUpkeep(silo, table, _options, time);
    }

    private void StopWatching()
    {
        _monitor?.Dispose();
        _upkeep?.Dispose();
        if (table is InMemoryMembershipTable local)
        {
            local.Changed -= OnTableChanged;
        }
    }

    private void OnTableChanged() => Task.Run(async () => await silo.Membership.Refresh()).Ignore();
}
