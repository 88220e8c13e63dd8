using System.CommandLine;
using XLLM.Cli.Cluster;
using XLLM.Cli.Cluster.State;

namespace XLLM.Cli.Commands;

/// <summary><c>xllm cluster down</c>.</summary>
internal static class ClusterDownCommand
{
    public static Command Create()
    {
        Option<string?> state = ClusterCommand.StateOption();
        Option<bool> purge = new("--purge") { Description = "delete the cluster's folder too: logs, secret and database" };
        Command command = new("down", "Drain and stop everything.") { state, purge };
        command.SetAction((parse, cancel) => UserErrors.GuardAsync(async () =>
        {
            StateFolder folder = ClusterCommand.Folder(parse, state);
            bool ran = await new ClusterStop(folder, Console.Error).DownAsync(cancel);
            if (parse.GetValue(purge) && folder.ReadSpec() is not null)
            {
                Directory.Delete(folder.Root, recursive: true);
            }

            Console.WriteLine(ran ? "The cluster is down." : $"No cluster runs in '{folder.Root}'.");
            return 0;
        }));
        return command;
    }
}
