using Microsoft.Extensions.Logging;
using XLLM.Contracts.Fleet;
using XLLM.Contracts.Grains;
using XLLM.Contracts.Ports;
using XLLM.Scheduling.Fleet;

namespace XLLM.Grains.Instances;

/// <summary>
/// Reports an engine's load to the fleet once a period. A call that does not return in time is left alone and the next report is
/// sent: the registry may have died with its silo, and its successor must hear of the instance before it counts as dead.
/// </summary>
/// <param name="engine">The engine.</param>
/// <param name="grains">The cluster.</param>
/// <param name="options">The period, and the limit of a call.</param>
/// <param name="abandon">Ends all requests: the fleet takes them for lost, and they go on elsewhere.</param>
/// <param name="time">Time.</param>
/// <param name="logger">Log.</param>
internal sealed class InstanceHeartbeat(
    IInferenceEngine engine, IGrainFactory grains, FleetOptions options, Func<Task> abandon, TimeProvider time, ILogger logger)
{
    private readonly SemaphoreSlim _turn = new(1, 1);
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
                if (await BoundedAsync(registered, cancellationToken).ConfigureAwait(false))
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
                await ReportAsync(cancellationToken).ConfigureAwait(false);
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

    private async Task ReportAsync(CancellationToken cancellationToken)
    {
        LoadReport report = engine.Load with
        {
            Instance = Descriptor.Id,
            Epoch = Descriptor.Epoch,
            Sequence = Interlocked.Increment(ref _sequence),
        };
        IFleetGrain fleet = grains.GetGrain<IFleetGrain>(0);
        FleetVerdict verdict = await BoundedAsync(fleet.ReportAsync(report, _health), cancellationToken).ConfigureAwait(false);
        if (verdict == FleetVerdict.Accepted || _stopped)
        {
            return;
        }

        if (verdict == FleetVerdict.Dead)
        {
            logger.DeclaredDead(Descriptor.Id, Descriptor.Epoch);
            await abandon().ConfigureAwait(false);
        }

        if (verdict != FleetVerdict.Superseded
            && await BoundedAsync(fleet.RegisterAsync(Descriptor, _health), cancellationToken).ConfigureAwait(false))
        {
            await BoundedAsync(fleet.ReportAsync(report, _health), cancellationToken).ConfigureAwait(false);
        }
        else
        {
            // Its requests belong to nobody here any more either.
            logger.Superseded(Descriptor.Id, Descriptor.Epoch);
            await abandon().ConfigureAwait(false);
        }
    }

    private Task<T> BoundedAsync<T>(Task<T> call, CancellationToken cancellationToken) =>
        call.WaitAsync(options.SuspectAfter, time, cancellationToken);
}
