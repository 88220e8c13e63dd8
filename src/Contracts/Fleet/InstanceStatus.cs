using Orleans;

namespace XLLM.Contracts.Fleet;

/// <summary>An instance as the fleet sees it.</summary>
[GenerateSerializer, Immutable, Alias("xllm.InstanceStatus")]
public sealed record InstanceStatus
{
    [Id(0)] public required InstanceDescriptor Descriptor { get; init; }

    [Id(1)] public InstanceHealth Health { get; init; }

    [Id(2)] public required LoadReport Load { get; init; }

    /// <summary>When the last report came.</summary>
    [Id(3)] public DateTimeOffset Seen { get; init; }
}
