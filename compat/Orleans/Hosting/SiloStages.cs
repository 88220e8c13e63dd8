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
    private ITimer? _collector;
    private ITimer? _refresher;

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
        silo.Attach();
        Watch();
        await silo.Membership.SetStatusAsync(SiloStatus.Joining);
        await Task.WhenAll(silo.Membership.GetActiveSilos().Select(GreetAsync));
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
        await silo.Membership.SetStatusAsync(SiloStatus.Active);
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
        await silo.Membership.SetStatusAsync(SiloStatus.ShuttingDown);
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

        await silo.Membership.SetStatusAsync(SiloStatus.Stopping);
        await silo.Directory.UnregisterSilos([silo.Address]);
        await silo.DrainAsync().WaitAsync(token);
        await silo.Membership.SetStatusAsync(SiloStatus.Dead);
        StopWatching();
        silo.Detach($"Silo {silo.Address} has stopped.");
    }

    // A table in this process says when it changes; any other is read from time to time.
    private void Watch()
    {
        if (table is InMemoryMembershipTable local)
        {
            local.Changed += OnTableChanged;
        }

        var period = membership.Value.TableRefreshTimeout;
        _refresher = time.CreateTimer(_ => OnTableChanged(), null, period, period);
    }

    private void StopWatching()
    {
        _refresher?.Dispose();
        if (table is InMemoryMembershipTable local)
        {
            local.Changed -= OnTableChanged;
        }
    }

    private void OnTableChanged() => Task.Run(async () => await silo.Membership.Refresh()).Ignore();
}
