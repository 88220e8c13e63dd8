using XLLM.Cli.Cluster.Processes;

namespace XLLM.Cli.Cluster.State;

/// <summary>A process as it is.</summary>
internal sealed record NodeState
{
    public required string Name { get; init; }

    public required ProcessMark? Process { get; init; }

    public NodePhase Phase { get; init; }

    /// <summary>Starts after the first.</summary>
    public int Restarts { get; init; }

    /// <summary>Since when it is in this phase.</summary>
    public DateTimeOffset Since { get; init; }
}
