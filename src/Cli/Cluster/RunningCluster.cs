using XLLM.Cli.Cluster.Processes;
using XLLM.Cli.Cluster.State;

namespace XLLM.Cli.Cluster;

/// <summary>The cluster that a command is about; throws <see cref="ClusterException"/> when it does not run.</summary>
internal static class RunningCluster
{
    public static ClusterSpec Spec(StateFolder folder)
    {
        ClusterSpec? spec = folder.ReadSpec();
        return spec is { Down: false } && ProcessTable.IsAlive(folder.ReadState().Supervisor)
            ? spec
            : throw new ClusterException($"No cluster runs in '{folder.Root}'. Start one: xllm cluster up.");
    }

    /// <summary>A node by its name; of a node that runs.</summary>
    public static ProcessMark Process(StateFolder folder, string name)
    {
        ClusterState state = folder.ReadState();
        NodeState node = state.Find(name) ?? throw new ClusterException(
            $"There is no '{name}'. Known: {string.Join(", ", state.Nodes.Select(x => x.Name))}.");
        return node.Process is { } process && ProcessTable.IsAlive(process)
            ? process
            : throw new ClusterException($"{name} does not run now ({node.Phase.ToString().ToLowerInvariant()}).");
    }
}
