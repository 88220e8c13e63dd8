using XLLM.Silo.Configuration;

namespace XLLM.Cli.Cluster.State;

/// <summary>A process that should run.</summary>
internal sealed record NodeSpec
{
    /// <summary>Its silo's name, e.g. <c>engine-1</c>.</summary>
    public required string Name { get; init; }

    /// <summary>Gateway or engine.</summary>
    public required NodeRole Kind { get; init; }

    /// <summary>mixed, prefill or decode; of engines.</summary>
    public string Role { get; init; } = "mixed";

    /// <summary>API and metrics of a gateway, metrics of an engine.</summary>
    public required int HttpPort { get; init; }

    /// <summary>The same over restarts: a new process on it ends what the membership has of the old one.</summary>
    public required int SiloPort { get; init; }
}
