using System.CommandLine;
using XLLM.Cli.Cluster;
using XLLM.Cli.Cluster.Processes;
using XLLM.Cli.Cluster.State;

namespace XLLM.Cli.Commands;

/// <summary><c>xllm cluster kill</c>: for trying what a failure does.</summary>
internal static class ClusterKillCommand
{
    public static Command Create()
    {
        Option<string?> state = ClusterCommand.StateOption();
        Argument<string> name = new("NAME") { Description = "a process, e.g. engine-1" };
        Option<string> signal = new("--signal") { Description = "number or name of the signal", DefaultValueFactory = _ => "9" };
        Command command = new("kill", "Send a signal to a process of the cluster; its supervisor starts a crashed one again.")
        {
            name, state, signal,
        };
        command.SetAction((parse, _) => UserErrors.GuardAsync(async () =>
        {
            StateFolder folder = ClusterCommand.Folder(parse, state);
            RunningCluster.Spec(folder);
            string node = parse.GetValue(name)!;
            int number = Signals.Parse(parse.GetValue(signal)!);
            ProcessMark process = RunningCluster.Process(folder, node);
            if (!ProcessTable.Signal(process, number))
            {
                throw new ClusterException($"{node} ended before the signal came.");
            }

            if (number == Signals.Kill && !await ProcessTable.WaitForExitAsync(process, TimeSpan.FromSeconds(10)))
            {
                throw new ClusterException($"{node}, process {process.Id}, does not die.");
            }

            Console.WriteLine($"Signal {number} sent to {node}, process {process.Id}.");
            return 0;
        }));
        return command;
    }
}
