using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using XLLM.Contracts.Ids;
using XLLM.Contracts.Ports;
using XLLM.Scheduling.Fleet;

namespace XLLM.Grains.Instances;

/// <summary>The loaded instances of this silo, where instance grains find them. A singleton; any thread.</summary>
public sealed class LocalInstances(
    IGrainFactory grains, IOptions<FleetOptions> options, TimeProvider time, ILogger<LocalInstance> logger)
{
    private readonly ConcurrentDictionary<InstanceId, LocalInstance> _instances = new();

    /// <summary>All of them.</summary>
    public ICollection<LocalInstance> All => _instances.Values;

    /// <summary>Starts carrying the engine's tokens, then registers it with the fleet. The engine stays the caller's.</summary>
    public async Task<LocalInstance> AttachAsync(IInferenceEngine engine, CancellationToken cancellationToken)
    {
        var instance = new LocalInstance(engine, grains, options.Value, time, logger);
        if (!_instances.TryAdd(engine.Descriptor.Id, instance))
        {
            throw new InvalidOperationException($"Instance {engine.Descriptor.Id} is attached already.");
        }

        await instance.StartAsync(cancellationToken).ConfigureAwait(false);
        return instance;
    }

    /// <summary>The instance, or null.</summary>
    public LocalInstance? Find(InstanceId instance) => _instances.GetValueOrDefault(instance);

    /// <summary>Removes an instance that has stopped.</summary>
    public void Detach(InstanceId instance) => _instances.TryRemove(instance, out _);
}
