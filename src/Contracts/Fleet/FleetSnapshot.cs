using System.Collections.Immutable;
using Orleans;
using XLLM.Contracts.Ids;

namespace XLLM.Contracts.Fleet;

/// <summary>All instances at one version. Immutable; replaced whole.</summary>
[GenerateSerializer, Immutable, Alias("xllm.FleetSnapshot")]
public sealed record FleetSnapshot
{
    public static FleetSnapshot Empty { get; } = new();

    [Id(0)] public FleetVersion Version { get; init; }

    /// <summary>Ordered by instance id.</summary>
    [Id(1)] public ImmutableArray<InstanceStatus> Instances { get; init; } = [];
}
