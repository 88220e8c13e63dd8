using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Runtime;
using XLLM.Contracts.Fleet;
using XLLM.Contracts.Grains;
using XLLM.Contracts.Ids;
using XLLM.Contracts.Kv;
using XLLM.Grains.Placement;
using XLLM.Scheduling.Fleet;

namespace XLLM.Grains.Fleet;

/// <summary>
/// Holds the registry in memory only: when its silo dies, a successor takes over what its own silo last saw, with higher
/// versions, and the instances go on reporting to it. Lives beside a gateway where there is one, so that it does not die with
/// an engine.
/// </summary>
[GatewayPlacement]
[GrainType("xllm.fleet")]
internal sealed class FleetGrain(
    FleetView view, GatewayHome home, IReachProbe probe, IOptions<FleetOptions> options, TimeProvider time, ILogger<FleetGrain> logger)
    : Grain, IFleetGrain
{
    // Versions of a successor start above all of its predecessor's as long as there are fewer changes than this in a millisecond.
    private const long VersionsPerMillisecond = 1024;

    private readonly FleetState _fleet = new(options.Value, FirstVersion(view, time));
    private readonly HashSet<InstanceId> _probing = [];
    private long _looked = time.GetTimestamp();

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _fleet.Adopt(view.Current.Instances, time.GetUtcNow());
        TimeSpan period = options.Value.ReportPeriod / 2;
        this.RegisterGrainTimer(
            ExpireAsync, new GrainTimerCreationOptions { DueTime = period, Period = period, KeepAlive = true, Interleave = true });
        return Task.CompletedTask;
    }

    public Task<bool> RegisterAsync(InstanceDescriptor descriptor, InstanceHealth health)
    {
        InstanceStatus? known = _fleet.Snapshot.Instances.FirstOrDefault(x => x.Descriptor.Id == descriptor.Id);
        if (!_fleet.Register(descriptor, health, time.GetUtcNow()))
        {
            logger.StaleEpoch(descriptor.Id, descriptor.Epoch);
            return Task.FromResult(false);
        }

        logger.Registered(descriptor.Id, descriptor.Epoch, descriptor.Model.Name, health, _fleet.Snapshot.Version);
        if (known is not null && known.Descriptor.Epoch < descriptor.Epoch)
        {
            ForgetBlocks(descriptor.Id, known.Descriptor.Epoch);
        }

        return Task.FromResult(true);
    }

    public Task<FleetVerdict> ReportAsync(LoadReport report, InstanceHealth health)
    {
        FleetVerdict verdict = _fleet.Report(report, health, time.GetUtcNow());
        if (verdict != FleetVerdict.Accepted)
        {
            logger.ReportRefused(report.Instance, report.Epoch, verdict);
        }

        return Task.FromResult(verdict);
    }

    public Task ReportUnreachableAsync(InstanceId instance, long epoch)
    {
        logger.Doubted(instance, epoch);
        _fleet.Doubt(instance, epoch, time.GetUtcNow());
        return Task.CompletedTask;
    }

    public Task UnregisterAsync(InstanceId instance, long epoch)
    {
        if (_fleet.Unregister(instance, epoch))
        {
            logger.Unregistered(instance, epoch);
            ForgetBlocks(instance, epoch);
        }

        return Task.CompletedTask;
    }

    public Task<FleetSnapshot?> GetSnapshotAsync(FleetVersion known) =>
        Task.FromResult(_fleet.Snapshot.Version == known ? null : _fleet.Snapshot);

    private static FleetVersion FirstVersion(FleetView view, TimeProvider time)
    {
        long now = time.GetUtcNow().ToUnixTimeMilliseconds() * VersionsPerMillisecond;
        return new FleetVersion(Math.Max(now, view.Current.Version.Value));
    }

    private Task ExpireAsync(CancellationToken cancellationToken)
    {
        if (home.ShouldMove)
        {
            logger.Moves();
            DeactivateOnIdle();
            return Task.CompletedTask;
        }

        Excuse();
        Expire();
        DateTimeOffset late = time.GetUtcNow() - (options.Value.ReportPeriod * 2.5);
        foreach (InstanceStatus status in _fleet.Snapshot.Instances)
        {
            if (status.Health != InstanceHealth.Dead && status.Seen < late && status.Descriptor.Kv is { Port: > 0 } endpoint
                && _probing.Add(status.Descriptor.Id))
            {
                _ = ProbeAsync(status, endpoint);
            }
        }

        return Task.CompletedTask;
    }

    // A report is late: a killed process is told from a slow one by its port, long before the limit of silence.
    private async Task ProbeAsync(InstanceStatus status, KvEndpoint endpoint)
    {
        InstanceId instance = status.Descriptor.Id;
        try
        {
            if (await probe.IsRefusedAsync(endpoint, options.Value.SuspectAfter)
                && _fleet.Snapshot.Instances.FirstOrDefault(x => x.Descriptor.Id == instance)?.Seen == status.Seen)
            {
                logger.Refused(instance, endpoint.Host, endpoint.Port);
                _fleet.Doubt(instance, status.Descriptor.Epoch, status.Seen);
                Expire();
            }

            await Task.Delay(options.Value.ReportPeriod, time);
        }
        catch (Exception e)
        {
            logger.ProbeFailed(instance, e);
        }
        finally
        {
            _probing.Remove(instance);
        }
    }

    // Reports that came meanwhile wait behind this turn: without an excuse a pause of this process would kill the whole fleet.
    private void Excuse()
    {
        TimeSpan pause = time.GetElapsedTime(_looked);
        _looked = time.GetTimestamp();
        if (pause > 2 * options.Value.ReportPeriod)
        {
            logger.Stalled(pause);
            _fleet.Excuse(pause, time.GetUtcNow());
        }
    }

    private void Expire()
    {
        foreach (InstanceId instance in _fleet.Expire(time.GetUtcNow()))
        {
            InstanceStatus? status = _fleet.Snapshot.Instances.FirstOrDefault(x => x.Descriptor.Id == instance);
            logger.Died(instance, options.Value.DeadAfter);
            ForgetBlocks(instance, status?.Descriptor.Epoch ?? long.MaxValue);
        }
    }

    // Not waited for: an owner that hangs must not hold up what the fleet is told. The index is a hint; a stale entry costs a
    // worse plan, and the next epoch's events clean it.
    private void ForgetBlocks(InstanceId instance, long epoch) => _ = ForgetBlocksAsync(instance, epoch);

    private async Task ForgetBlocksAsync(InstanceId instance, long epoch)
    {
        try
        {
            await Task.WhenAll(
                from partition in Enumerable.Range(0, IKvBlockOwnerGrain.Partitions)
                select GrainFactory.GetGrain<IKvBlockOwnerGrain>(partition).ForgetAsync(instance, epoch));
        }
        catch (Exception e)
        {
            logger.ForgetFailed(e);
        }
    }
}
