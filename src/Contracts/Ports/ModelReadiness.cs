using XLLM.Contracts.Fleet;

namespace XLLM.Contracts.Ports;

/// <summary>State of this process's models.</summary>
public sealed record ModelReadiness
{
    public ReadinessState State { get; init; }

    /// <summary>Share of the loading that is done, [0, 1].</summary>
    public double Progress { get; init; }

    /// <summary>Why loading failed; set with <see cref="ReadinessState.Failed"/>.</summary>
    public string? Error { get; init; }

    /// <summary>Models that are loaded and registered with the fleet.</summary>
    public IReadOnlyList<InstanceDescriptor> Instances { get; init; } = [];
}
