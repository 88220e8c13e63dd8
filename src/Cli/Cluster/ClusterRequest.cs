using XLLM.Silo.Configuration;

namespace XLLM.Cli.Cluster;

/// <summary>What <c>cluster up</c> was asked for.</summary>
internal sealed record ClusterRequest
{
    public required EngineLayout Layout { get; init; }

    public int Gateways { get; init; } = 1;

    public string Host { get; init; } = "127.0.0.1";

    /// <summary>Of the first gateway; 0 = free ones.</summary>
    public int Port { get; init; } = 8000;

    /// <summary>Connection string of a database that runs already.</summary>
    public string? Postgres { get; init; }

    public ClusteringKind Membership { get; init; } = ClusteringKind.Postgres;

    public int? Threads { get; init; }

    public long? KvBytes { get; init; }

    /// <summary>Below an engine's KV cache; null = as <see cref="MemoryShare"/> says.</summary>
    public long? HostKvBytes { get; init; }

    /// <summary>Below that, in a file of the state folder; null = none.</summary>
    public long? DiskKvBytes { get; init; }

    public bool Restart { get; init; } = true;

    public string Model { get; init; } = "";

    public string ModelName { get; init; } = "";

    public IReadOnlyDictionary<string, string> Settings { get; init; } = new Dictionary<string, string>();
}
