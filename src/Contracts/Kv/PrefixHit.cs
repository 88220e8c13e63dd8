using Orleans;
using XLLM.Contracts.Ids;

namespace XLLM.Contracts.Kv;

/// <summary>How many of a prompt's leading blocks an instance is believed to hold in its pool.</summary>
[GenerateSerializer, Immutable, Alias("xllm.PrefixHit")]
public readonly record struct PrefixHit([property: Id(0)] InstanceId Instance, [property: Id(1)] int Blocks)
{
    /// <summary>Leading blocks it holds in its pool or in host memory; at least <c>Blocks</c>.</summary>
    [Id(2)] public int WithHost { get; init; } = Blocks;

    /// <summary>Leading blocks it holds in any tier; at least <see cref="WithHost"/>.</summary>
    [Id(3)] public int WithDisk { get; init; } = Blocks;
}
