using XLLM.Contracts.Ids;

namespace XLLM.Contracts.Ports;

/// <summary>
/// The silo's engines, a singleton per silo. Engines and their KV live here, not in grains, so that an instance grain can
/// come and go and attach again.
/// </summary>
public interface IEngineHost
{
    /// <summary>Engines of this silo, loaded and loading.</summary>
    IReadOnlyCollection<InstanceId> Instances { get; }

    /// <summary>The engine, or null when it is not on this silo or not loaded yet.</summary>
    IInferenceEngine? Find(InstanceId instance);
}
