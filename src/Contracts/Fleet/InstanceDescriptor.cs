using Orleans;
using XLLM.Contracts.Ids;
using XLLM.Contracts.Kv;

namespace XLLM.Contracts.Fleet;

/// <summary>What an instance is; fixed for one epoch of it.</summary>
[GenerateSerializer, Immutable, Alias("xllm.InstanceDescriptor")]
public sealed record InstanceDescriptor
{
    [Id(0)] public required InstanceId Id { get; init; }

    /// <summary>Distinguishes restarts of the same instance; grows.</summary>
    [Id(1)] public required long Epoch { get; init; }

    [Id(2)] public required ModelCard Model { get; init; }

    [Id(3)] public InstanceRole Role { get; init; } = InstanceRole.Mixed;

    /// <summary>e.g. <c>cpu avx512 2 threads</c>.</summary>
    [Id(4)] public string Device { get; init; } = "";

    /// <summary>Tokens a KV block holds.</summary>
    [Id(5)] public required int BlockTokens { get; init; }

    /// <summary>KV blocks in the pool.</summary>
    [Id(6)] public required int TotalBlocks { get; init; }

    /// <summary>Most requests in a batch.</summary>
    [Id(7)] public int MaxRunning { get; init; }

    /// <summary>Most requests waiting; one more is refused.</summary>
    [Id(8)] public int MaxWaiting { get; init; }

    /// <summary>How KV reaches it; null = it neither takes nor gives any.</summary>
    [Id(9)] public KvEndpoint? Kv { get; init; }

    /// <summary>Latencies measured at its start.</summary>
    [Id(10)] public LatencyProfile Profile { get; init; } = LatencyProfile.Empty;
}
