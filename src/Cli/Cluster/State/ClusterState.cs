using XLLM.Cli.Cluster.Processes;

namespace XLLM.Cli.Cluster.State;

/// <summary>What runs: written by the supervisor alone. File <c>state.json</c>.</summary>
internal sealed record ClusterState
{
    public static ClusterState Empty { get; } = new();

    public ProcessMark? Supervisor { get; init; }

    public IReadOnlyList<NodeState> Nodes { get; init; } = [];

    public NodeState? Find(string name) => Nodes.FirstOrDefault(x => x.Name == name);
}
