using Orleans;
using XLLM.Contracts.Ids;

namespace XLLM.Contracts.Kv;

/// <summary>How many of a prompt's leading blocks an instance is believed to hold.</summary>
[GenerateSerializer, Immutable, Alias("xllm.PrefixHit")]
public readonly record struct PrefixHit([property: Id(0)] InstanceId Instance, [property: Id(1)] int Blocks);
