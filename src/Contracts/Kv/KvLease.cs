using Orleans;
using XLLM.Contracts.Ids;

namespace XLLM.Contracts.Kv;

/// <summary>
/// A decode instance's promise to hold room for a request until <c>Expiry</c>. A Mixed plan takes a local one, so that one
/// instance and two go the same road.
/// </summary>
[GenerateSerializer, Immutable, Alias("xllm.KvLease")]
public sealed record KvLease
{
    /// <summary>Unique within the instance's epoch.</summary>
    [Id(0)] public required long Id { get; init; }

    [Id(1)] public required RequestId Request { get; init; }

    [Id(2)] public required InstanceId Instance { get; init; }

    /// <summary>Epoch of the instance; a lease of an older one is stale.</summary>
    [Id(3)] public required long Epoch { get; init; }

    /// <summary>Blocks promised.</summary>
    [Id(4)] public int Blocks { get; init; }

    [Id(5)] public DateTimeOffset Expiry { get; init; }

    /// <summary>Where the KV of a prompt that is computed elsewhere is pushed to; null = the instance takes none.</summary>
    [Id(6)] public KvEndpoint? Endpoint { get; init; }
}
