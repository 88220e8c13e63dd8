using Microsoft.Extensions.Logging;
using XLLM.Contracts.Fleet;
using XLLM.Contracts.Grains;
using XLLM.Contracts.Ids;
using XLLM.Contracts.Ports;
using XLLM.Contracts.Requests;
using XLLM.Grains.Streaming;
using XLLM.Scheduling.Fleet;

namespace XLLM.Grains.Instances;

/// <summary>
/// One engine's standing in the cluster: its token pump and its heartbeat. Outlives the instance grain, which attaches to it
/// again after every activation.
/// </summary>
public sealed class LocalInstance
{
    private readonly IGrainFactory _grains;
    private readonly ILogger _logger;
    private readonly InstanceHeartbeat _heartbeat;
    private readonly BlockReporter _blocks;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _stop = new();
    private Task _pumping = Task.CompletedTask;
    private Task _beating = Task.CompletedTask;

    internal LocalInstance(IInferenceEngine engine, IGrainFactory grains, FleetOptions options, TimeProvider time, ILogger logger)
    {
        Engine = engine;
        _grains = grains;
        _logger = logger;
        _time = time;
        Pump = new TokenPump(engine, grains, time, logger);
        _heartbeat = new InstanceHeartbeat(engine, grains, options, AbandonAsync, time, logger);
        _blocks = new BlockReporter(engine, grains, options, time, logger);
    }

    public IInferenceEngine Engine { get; }

    public TokenPump Pump { get; }

    public InstanceId Id => Engine.Descriptor.Id;

    /// <summary>Ready until drained.</summary>
    public InstanceHealth Health => _heartbeat.Health;

    /// <summary>Sends a report and the block events to the cluster now, not only when the period is over.</summary>
    public async Task BeatAsync(CancellationToken cancellationToken = default)
    {
        await _heartbeat.BeatAsync(cancellationToken).ConfigureAwait(false);
        await _blocks.SendAsync(cancellationToken).ConfigureAwait(false);
    }

    internal async Task StartAsync(CancellationToken cancellationToken)
    {
        _pumping = Task.Run(() => Pump.RunAsync(_stop.Token), CancellationToken.None);
        await _heartbeat.RegisterAsync(cancellationToken).ConfigureAwait(false);
        _beating = Task.WhenAll(
            Task.Run(() => _heartbeat.RunAsync(_stop.Token), CancellationToken.None),
            Task.Run(() => _blocks.RunAsync(_stop.Token), CancellationToken.None));
    }

    /// <summary>Takes nothing new, tells the fleet, and completes when the last request has ended and all is told.</summary>
    public async Task DrainAsync(CancellationToken cancellationToken = default)
    {
        _logger.Draining(Id, Pump.Open);
        _heartbeat.Health = InstanceHealth.Draining;
        Engine.Drain();
        await _heartbeat.BeatAsync(cancellationToken).ConfigureAwait(false);
        await Pump.WhenIdleAsync().WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Hands what is still open to the request grains, which move it elsewhere, and leaves the fleet. When there was something to
    /// move, stays for <paramref name="linger"/> before, so that its KV can be fetched. The token bounds the goodbye.
    /// </summary>
    public async Task LeaveAsync(TimeSpan linger, CancellationToken cancellationToken)
    {
        IReadOnlyCollection<RequestId> open = Pump.OpenRequests();
        foreach (RequestId request in open)
        {
            if (!await Engine.EndAsync(request, RequestOutcome.InstanceLost).ConfigureAwait(false))
            {
                _logger.NotKnownToEngine(request, Id);
            }
        }

        await Pump.WhenIdleAsync().WaitAsync(cancellationToken).ConfigureAwait(false);
        if (open.Count > 0)
        {
            _logger.HandedOver(Id, open.Count);
            await BeatAsync(cancellationToken).ConfigureAwait(false);
            await Task.Delay(linger, _time, cancellationToken).ConfigureAwait(false);
        }

        _heartbeat.Stop();
        await _grains.GetGrain<IFleetGrain>(0).UnregisterAsync(Id, Engine.Descriptor.Epoch)
            .WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Stops carrying and reporting at once, telling nobody.</summary>
    public async Task StopAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(_pumping, _beating).ConfigureAwait(false);
        _stop.Dispose();
    }

    // The fleet took this instance for dead: its requests run elsewhere by now, or will when their grains are told.
    private Task AbandonAsync() => Pump.LoseAllAsync($"Instance {Id} was silent for too long.");
}
