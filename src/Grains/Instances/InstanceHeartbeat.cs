using Microsoft.Extensions.Logging;
using XLLM.Contracts.Fleet;
using XLLM.Contracts.Grains;
using XLLM.Contracts.Ids;
using XLLM.Contracts.Kv;
using XLLM.Contracts.Ports;
using XLLM.Scheduling.Fleet;
using XLLM.Scheduling.Prefix;

namespace XLLM.Grains.Instances;

/// <summary>Reports an engine's load to the fleet and its cache changes to the block owners, once a period.</summary>
internal sealed class InstanceHeartbeat(
    IInferenceEngine engine, IGrainFactory grains, FleetOptions options, TimeProvider time, ILogger logger)
{
    // About 1 MB of events; an owner that was away so long gets a gap, and the index is a hint.
    private const int MaxBacklog = 16_384;

    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly List<BlockEvent> _backlog = [];
    private volatile InstanceHealth _health = InstanceHealth.Ready;
    private volatile bool _stopped;
    private long _sequence;

    private InstanceDescriptor Descriptor => engine.Descriptor;

    /// <summary>What the fleet is told.</summary>
    public InstanceHealth Health
    {
        get => _health;
        set => _health = value;
    }

    /// <summary>
    /// Registers, trying again each period until it works or the token is cancelled. Throws when a newer epoch is there.
    /// </summary>
    public async Task RegisterAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                Task<bool> registered = grains.GetGrain<IFleetGrain>(0).RegisterAsync(Descriptor, _health);
                if (await registered.WaitAsync(cancellationToken).ConfigureAwait(false))
                {
                    return;
                }
            }
            catch (Exception e) when (!cancellationToken.IsCancellationRequested)
            {
                logger.FleetUnreachable(Descriptor.Id, e);
                await Task.Delay(options.ReportPeriod, time, cancellationToken).ConfigureAwait(false);
                continue;
            }

            throw new InvalidOperationException(
                $"Instance {Descriptor.Id} cannot register epoch {Descriptor.Epoch}: a newer one runs. Are two processes named "
                + $"'{Descriptor.Id.SiloName}'?");
        }
    }

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(options.ReportPeriod, time);
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken).ConfigureAwait(false))
            {
                await BeatAsync(cancellationToken).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
        }
    }

    /// <summary>Sends one report now. Failures are logged; the next period tries again.</summary>
    public async Task BeatAsync(CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (!_stopped)
            {
                await ReportAsync().WaitAsync(cancellationToken).ConfigureAwait(false);
                await SendBlockEventsAsync().WaitAsync(cancellationToken).ConfigureAwait(false);
            }
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            logger.FleetUnreachable(Descriptor.Id, e);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>No report is sent from now on, so that a late one cannot bring an instance back that has left.</summary>
    public void Stop() => _stopped = true;

    private async Task ReportAsync()
    {
        LoadReport report = engine.Load with
        {
            Instance = Descriptor.Id,
            Epoch = Descriptor.Epoch,
            Sequence = Interlocked.Increment(ref _sequence),
        };
        IFleetGrain fleet = grains.GetGrain<IFleetGrain>(0);
        if (await fleet.ReportAsync(report, _health).ConfigureAwait(false) || _stopped)
        {
            return;
        }

        if (await fleet.RegisterAsync(Descriptor, _health).ConfigureAwait(false))
        {
            await fleet.ReportAsync(report, _health).ConfigureAwait(false);
        }
        else
        {
            logger.Superseded(Descriptor.Id, Descriptor.Epoch);
        }
    }

    private async Task SendBlockEventsAsync()
    {
        _backlog.AddRange(engine.TakeBlockEvents().Events);
        if (_backlog.Count == 0)
        {
            return;
        }

        var grouped = BlockEventGrouping.ByPartition(
            Descriptor.Id, Descriptor.Epoch, new BlockEventBatch([.. _backlog]), IKvBlockOwnerGrain.PartitionOf);
        bool[] sent = await Task.WhenAll(grouped.Select(x => TrySendAsync(x.Partition, x.Events))).ConfigureAwait(false);
        HashSet<long> done = [.. grouped.Where((_, i) => sent[i]).Select(x => x.Partition)];
        _backlog.RemoveAll(x => done.Contains(IKvBlockOwnerGrain.PartitionOf(x.Root)));
        if (_backlog.Count > MaxBacklog)
        {
            _backlog.RemoveRange(0, _backlog.Count - MaxBacklog);
        }
    }

    private async Task<bool> TrySendAsync(long partition, BlockEvents events)
    {
        try
        {
            await grains.GetGrain<IKvBlockOwnerGrain>(partition).UpdateAsync(events).ConfigureAwait(false);
            return true;
        }
        catch (Exception e)
        {
            logger.OwnerUnreachable(partition, e);
            return false;
        }
    }
}
