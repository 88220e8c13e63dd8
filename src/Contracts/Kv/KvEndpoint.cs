using XLLM.Contracts.Ids;

namespace XLLM.Contracts.Kv;

/// <summary>Where and how an instance takes KV and gives it away, beside the actor runtime.</summary>
[GenerateSerializer, Immutable, Alias("xllm.KvEndpoint")]
public sealed record KvEndpoint
{
    [Id(0)] public required InstanceId Instance { get; init; }

    /// <summary>Epoch of the instance; KV of another epoch is never mixed in.</summary>
    [Id(1)] public required long Epoch { get; init; }

    /// <summary>Address or name to connect to.</summary>
    [Id(2)] public required string Host { get; init; }

    /// <summary>TCP port, 1..65535; 0 = it does not listen.</summary>
    [Id(3)] public int Port { get; init; }

    [Id(4)] public KvCapabilities Capabilities { get; init; }

    /// <summary>
    /// Fingerprint of everything that KV bytes depend on: the weights, the element type, the block's shape. Only equal layouts
    /// exchange KV.
    /// </summary>
    [Id(5)] public required string Layout { get; init; }

    /// <summary>Equal for processes that can reach each other's memory: one host and one process namespace.</summary>
    [Id(6)] public string HostId { get; init; } = "";

    /// <summary>Process on that host.</summary>
    [Id(7)] public int ProcessId { get; init; }

    /// <summary>Bytes of one block in all layers.</summary>
    [Id(8)] public long BlockBytes { get; init; }
}
