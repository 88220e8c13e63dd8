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
    private readonly CancellationTokenSource _stop = new();
    private Task _pumping = Task.CompletedTask;
    private Task _beating = Task.CompletedTask;

    internal LocalInstance(IInferenceEngine engine, IGrainFactory grains, FleetOptions options, TimeProvider time, ILogger logger)
    {
        Engine = engine;
        _grains = grains;
        _logger = logger;
        Pump = new TokenPump(engine, grains, time, logger);
        _heartbeat = new InstanceHeartbeat(engine, grains, options, time, logger);
    }

    public IInferenceEngine Engine { get; }

    public TokenPump Pump { get; }

    public InstanceId Id => Engine.Descriptor.Id;

    /// <summary>Ready until drained.</summary>
    public InstanceHealth Health => _heartbeat.Health;

    /// <summary>Sends a report and the block events to the cluster now, not only when the period is over.</summary>
    public Task BeatAsync(CancellationToken cancellationToken = default) => _heartbeat.BeatAsync(cancellationToken);

    internal async Task StartAsync(CancellationToken cancellationToken)
    {
        _pumping = Task.Run(() => Pump.RunAsync(_stop.Token), CancellationToken.None);
        await _heartbeat.RegisterAsync(cancellationToken).ConfigureAwait(false);
        _beating = Task.Run(() => _heartbeat.RunAsync(_stop.Token), CancellationToken.None);
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
    /// Ends what is still open as <see cref="RequestOutcome.InstanceLost"/>, tells the gateways, and leaves the fleet. The token
    /// bounds the goodbye.
    /// </summary>
    public async Task LeaveAsync(CancellationToken cancellationToken)
    {
        foreach (RequestId request in Pump.OpenRequests())
        {
            if (!await Engine.EndAsync(request, RequestOutcome.InstanceLost).ConfigureAwait(false))
            {
                _logger.NotKnownToEngine(request, Id);
            }
        }

        await Pump.WhenIdleAsync().WaitAsync(cancellationToken).ConfigureAwait(false);
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
}
