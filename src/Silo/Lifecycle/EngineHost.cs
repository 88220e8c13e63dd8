using System.Collections.Concurrent;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using XLLM.Contracts.Ids;
using XLLM.Contracts.Ports;
using XLLM.Grains.Instances;
using XLLM.Silo.Composition;
using XLLM.Silo.Configuration;

namespace XLLM.Silo.Lifecycle;

/// <summary>
/// Owns the silo's engines. After the silo has started it loads them, each on a thread of its own, and lets them into the
/// fleet; before the silo stops it drains them.
/// </summary>
internal sealed class EngineHost(
    IEngineFactory factory,
    LocalInstances instances,
    ModelReadinessTracker readiness,
    IOptions<XllmSiloOptions> options,
    TimeProvider time,
    ILogger<EngineHost> logger) : IEngineHost, IHostedService, IAsyncDisposable
{
    private readonly ConcurrentDictionary<InstanceId, IInferenceEngine> _engines = new();
    private readonly CancellationTokenSource _stopping = new();
    private Task _loading = Task.CompletedTask;
    private bool _stopped;

    public IReadOnlyCollection<InstanceId> Instances { get; } =
        [.. options.Value.Engines.Select(x => InstanceId.Of(options.Value.Name, x.Device))];

    public IInferenceEngine? Find(InstanceId instance) => _engines.GetValueOrDefault(instance);

    public Task StartAsync(CancellationToken cancellationToken)
    {
        readiness.Expect(options.Value.Engines.Select(x => x.Device));
        _loading = LoadAllAsync(_stopping.Token);
        return Task.CompletedTask;
    }

    /// <summary>
    /// Drains for at most the drain timeout, then ends what is left and leaves the fleet. With a token that is cancelled already
    /// it stops at once and says goodbye to nobody.
    /// </summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (_stopped)
        {
            return;
        }

        _stopped = true;
        readiness.Draining();
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _loading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await Task.WhenAll(instances.All.Select(x => StopAsync(x, cancellationToken))).ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync(new CancellationToken(canceled: true)).ConfigureAwait(false);
        _stopping.Dispose();
    }

    private async Task LoadAllAsync(CancellationToken cancellationToken)
    {
        try
        {
            await Task.WhenAll(options.Value.Engines.Select(x => LoadAsync(x, cancellationToken))).ConfigureAwait(false);
            readiness.Ready();
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            readiness.Failed("The process was stopped before its models were loaded.");
        }
        catch (Exception e)
        {
            logger.LoadFailed(e);
            readiness.Failed(e.Message);
        }
    }

    private async Task LoadAsync(EngineOptions engineOptions, CancellationToken cancellationToken)
    {
        InstanceId id = InstanceId.Of(options.Value.Name, engineOptions.Device);
        long epoch = time.GetUtcNow().ToUnixTimeMilliseconds();
        long started = time.GetTimestamp();
        var progress = new ProgressSink<double>(share => readiness.Loading(engineOptions.Device, share));
        logger.Loading(id, engineOptions.Model);
        IInferenceEngine engine = await Task.Factory.StartNew(
            () => factory.Create(id, epoch, engineOptions, progress, cancellationToken),
            cancellationToken,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default).ConfigureAwait(false);
        if (!_engines.TryAdd(id, engine))
        {
            await engine.DisposeAsync().ConfigureAwait(false);
            throw new InvalidOperationException($"Instance {id} is loaded already.");
        }

        await instances.AttachAsync(engine, cancellationToken).ConfigureAwait(false);
        readiness.Loading(engineOptions.Device, 1);
        readiness.Loaded(engine.Descriptor);
        logger.Loaded(id, engine.Descriptor.Model.Name, engine.Descriptor.TotalBlocks, time.GetElapsedTime(started));
    }

    private async Task StopAsync(LocalInstance instance, CancellationToken cancellationToken)
    {
        if (!cancellationToken.IsCancellationRequested)
        {
            await SayGoodbyeAsync(instance, cancellationToken).ConfigureAwait(false);
        }

        await instance.StopAsync().ConfigureAwait(false);
        instances.Detach(instance.Id);
        if (_engines.TryRemove(instance.Id, out IInferenceEngine? engine))
        {
            await engine.DisposeAsync().ConfigureAwait(false);
        }
    }

    private async Task SayGoodbyeAsync(LocalInstance instance, CancellationToken cancellationToken)
    {
        using var drain = new CancellationTokenSource(options.Value.DrainTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(drain.Token, cancellationToken);
        try
        {
            await instance.DrainAsync(either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            logger.DrainTimedOut(instance.Id, instance.Pump.Open);
        }
        catch (Exception e)
        {
            logger.GoodbyeFailed(instance.Id, e);
        }

        try
        {
            using var goodbye = new CancellationTokenSource(TimeSpan.FromSeconds(5) + options.Value.DrainLinger, time);
            using var bounded = CancellationTokenSource.CreateLinkedTokenSource(goodbye.Token, cancellationToken);
            await instance.LeaveAsync(options.Value.DrainLinger, bounded.Token).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            logger.GoodbyeFailed(instance.Id, e);
        }
    }
}
