using System.CommandLine;
using XLLM.Cli.Cluster.State;

namespace XLLM.Cli.Commands;

/// <summary><c>xllm cluster</c>: a cluster of processes on this machine.</summary>
internal static class ClusterCommand
{
    public static Command Create() => new("cluster", "Run a cluster of processes on this machine.")
    {
        ClusterUpCommand.Create(),
        ClusterStatusCommand.Create(),
        ClusterScaleCommand.Create(),
        ClusterKillCommand.Create(),
        ClusterLogsCommand.Create(),
        ClusterDownCommand.Create(),
        ClusterSuperviseCommand.Create(),
    };

    /// <summary>The option that names the cluster; every command of one cluster gives the same.</summary>
    public static Option<string?> StateOption() => new("--state")
    {
        Description = "folder of the cluster: state, logs, database; default ~/.local/share/xllm/cluster, /var/lib/xllm/cluster for root",
        HelpName = "DIR",
    };

    public static StateFolder Folder(ParseResult parse, Option<string?> state) => StateFolder.At(parse.GetValue(state));
}
