namespace XLLM.Contracts.Ports;

/// <summary>Whether this process's models can answer. A singleton; any thread.</summary>
public interface IModelReadiness
{
    /// <summary>The state now.</summary>
    ModelReadiness Current { get; }

    /// <summary>Completes when the state is Ready or Failed.</summary>
    Task<ModelReadiness> WhenSettledAsync(CancellationToken cancellationToken = default);
}
