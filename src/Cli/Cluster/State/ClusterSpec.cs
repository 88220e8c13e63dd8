using XLLM.Silo.Configuration;

namespace XLLM.Cli.Cluster.State;

/// <summary>What should run: written by commands, read by the supervisor, which makes it so. File <c>cluster.json</c>.</summary>
internal sealed record ClusterSpec
{
    public required string ClusterId { get; init; }

    public required ClusteringKind Membership { get; init; }

    /// <summary>For Postgres.</summary>
    public string ConnectionString { get; init; } = "";

    /// <summary>The database server is the cluster's own and stops with it.</summary>
    public bool OwnPostgres { get; init; }

    /// <summary>Path of the model.</summary>
    public required string Model { get; init; }

    /// <summary>Its name in the API.</summary>
    public required string ModelName { get; init; }

    /// <summary>Address the gateways listen on.</summary>
    public string Host { get; init; } = "127.0.0.1";

    /// <summary>Kernel threads of each engine.</summary>
    public int Threads { get; init; }

    /// <summary>Start a process again that has ended by itself.</summary>
    public bool Restart { get; init; } = true;

    /// <summary>Nothing should run any more.</summary>
    public bool Down { get; init; }

    public IReadOnlyList<NodeSpec> Nodes { get; init; } = [];

    /// <summary>Further configuration of every process.</summary>
    public IReadOnlyDictionary<string, string> Settings { get; init; } = new Dictionary<string, string>();

    public IEnumerable<NodeSpec> Engines => Nodes.Where(x => x.Kind == NodeRole.Engine);

    public IEnumerable<NodeSpec> Gateways => Nodes.Where(x => x.Kind == NodeRole.Gateway);

    /// <summary>Where clients go.</summary>
    public IEnumerable<string> Urls => Gateways.Select(x => UrlOf(x));

    /// <summary>A node's HTTP address as this machine reaches it.</summary>
    public string UrlOf(NodeSpec node)
    {
        string host = node.Kind == NodeRole.Gateway && Host is not ("0.0.0.0" or "localhost") ? Host : "127.0.0.1";
        return $"http://{host}:{node.HttpPort}";
    }
}
