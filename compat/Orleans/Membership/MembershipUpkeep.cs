using Orleans.Configuration;

namespace Orleans.Runtime;

/// <summary>What a silo does with the membership table from time to time: reads it, gives a sign of life, removes old rows.</summary>
internal sealed class MembershipUpkeep : IDisposable
{
    private readonly SiloNode _silo;
    private readonly IMembershipTable _table;
    private readonly List<ITimer> _timers = [];

    public MembershipUpkeep(SiloNode silo, IMembershipTable table, ClusterMembershipOptions options, TimeProvider time)
    {
        _silo = silo;
        _table = table;
        Every(time, options.TableRefreshTimeout, async () => await silo.Membership.Refresh());
        if (silo.IsRemote)
        {
            Every(time, options.IAmAliveTablePublishTimeout, GiveSignOfLifeAsync);
            silo.Membership.Health.Returned += OnTableReturned;
            if (options.DefunctSiloCleanupPeriod is { } period)
            {
                Every(time, period, () => table.CleanupDefunctSiloEntries(time.GetUtcNow() - options.DefunctSiloExpiration));
            }
        }
    }

    public void Dispose()
    {
        _silo.Membership.Health.Returned -= OnTableReturned;
        foreach (var timer in _timers)
        {
            timer.Dispose();
        }
    }

    private void OnTableReturned() => Task.Run(GiveSignOfLifeAsync).Ignore();

    private Task GiveSignOfLifeAsync() => _table.UpdateIAmAlive(
        new MembershipEntry { SiloAddress = _silo.Address, IAmAliveTime = DateTime.UtcNow });

    private void Every(TimeProvider time, TimeSpan period, Func<Task> action) =>
        _timers.Add(time.CreateTimer(_ => RunAsync(action).Ignore(), null, period, period));

    private async Task RunAsync(Func<Task> action)
    {
        try
        {
            await Task.Run(action);
            _silo.Membership.Health.OnSuccess();
        }
        catch (Exception e)
        {
            _silo.Membership.Health.OnFailure(e);
        }
    }
}
