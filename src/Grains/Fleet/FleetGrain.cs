using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Runtime;
using XLLM.Contracts.Fleet;
using XLLM.Contracts.Grains;
using XLLM.Contracts.Ids;
using XLLM.Scheduling.Fleet;

namespace XLLM.Grains.Fleet;

/// <summary>
/// Holds the registry in memory only: when its silo dies, a successor starts empty with higher versions and the instances
/// register again with their next heartbeat.
/// </summary>
[GrainType("xllm.fleet")]
internal sealed class FleetGrain(IOptions<FleetOptions> options, TimeProvider time, ILogger<FleetGrain> logger)
    : Grain, IFleetGrain
{
    // Versions of a successor start above all of its predecessor's as long as there are fewer changes than this in a millisecond.
    private const long VersionsPerMillisecond = 1024;

    private readonly FleetState _fleet =
        new(options.Value, new FleetVersion(time.GetUtcNow().ToUnixTimeMilliseconds() * VersionsPerMillisecond));

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        TimeSpan period = options.Value.ReportPeriod;
        this.RegisterGrainTimer(
            ExpireAsync, new GrainTimerCreationOptions { DueTime = period, Period = period, KeepAlive = true });
        return Task.CompletedTask;
    }

    public async Task<bool> RegisterAsync(InstanceDescriptor descriptor, InstanceHealth health)
    {
        bool known = _fleet.Snapshot.Instances.Any(x => x.Descriptor.Id == descriptor.Id);
        if (!_fleet.Register(descriptor, health, time.GetUtcNow()))
        {
            logger.StaleEpoch(descriptor.Id, descriptor.Epoch);
            return false;
        }

        logger.Registered(descriptor.Id, descriptor.Epoch, descriptor.Model.Name, health, _fleet.Snapshot.Version);
        if (known)
        {
            await ForgetBlocksAsync([descriptor.Id]);
        }

        return true;
    }

    public Task<bool> ReportAsync(LoadReport report, InstanceHealth health) =>
        Task.FromResult(_fleet.Report(report, health, time.GetUtcNow()));

    public async Task UnregisterAsync(InstanceId instance, long epoch)
    {
        if (_fleet.Unregister(instance, epoch))
        {
            logger.Unregistered(instance, epoch);
            await ForgetBlocksAsync([instance]);
        }
    }

    public Task<FleetSnapshot?> GetSnapshotAsync(FleetVersion known) =>
        Task.FromResult(_fleet.Snapshot.Version == known ? null : _fleet.Snapshot);

    private async Task ExpireAsync(CancellationToken cancellationToken)
    {
        ImmutableArray<InstanceId> died = _fleet.Expire(time.GetUtcNow());
        foreach (InstanceId instance in died)
        {
            logger.Died(instance, options.Value.DeadAfter);
        }

        await ForgetBlocksAsync(died);
    }

    private async Task ForgetBlocksAsync(ImmutableArray<InstanceId> instances)
    {
        try
        {
            await Task.WhenAll(
                from instance in instances
                from partition in Enumerable.Range(0, IKvBlockOwnerGrain.Partitions)
                select GrainFactory.GetGrain<IKvBlockOwnerGrain>(partition).ForgetAsync(instance));
        }
        catch (Exception e)
        {
            // The index is a hint: a stale entry costs a worse plan, and the next epoch's events clean it.
            logger.ForgetFailed(e);
        }
    }
}
