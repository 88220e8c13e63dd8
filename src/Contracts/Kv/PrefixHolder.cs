using Orleans;
using XLLM.Contracts.Ids;

namespace XLLM.Contracts.Kv;

/// <summary>Blocks of a segment that an instance holds, by tier.</summary>
[GenerateSerializer, Immutable, Alias("xllm.PrefixHolder")]
public readonly record struct PrefixHolder(
    [property: Id(0)] InstanceId Instance, [property: Id(1)] int Pool, [property: Id(2)] int Host, [property: Id(3)] int Disk);
