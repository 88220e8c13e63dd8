using System.CommandLine;
using XLLM.Cli.Cluster;
using XLLM.Cli.Cluster.State;

namespace XLLM.Cli.Commands;

/// <summary><c>xllm cluster logs</c>.</summary>
internal static class ClusterLogsCommand
{
    public static Command Create()
    {
        Option<string?> state = ClusterCommand.StateOption();
        Argument<string> name = new("NAME") { Description = "a process, e.g. engine-1, gateway-1, supervisor" };
        Option<int> lines = new("--lines", "-n") { Description = "lines from the end", DefaultValueFactory = _ => 100 };
        Command command = new("logs", "Print the end of a process's log.") { name, state, lines };
        command.SetAction((parse, _) => UserErrors.GuardAsync(async () =>
        {
            StateFolder folder = ClusterCommand.Folder(parse, state);
            string node = parse.GetValue(name)!;
            string[] known = Directory.Exists(folder.Logs)
                ? [.. Directory.GetFiles(folder.Logs, "*.log").Select(x => Path.GetFileNameWithoutExtension(x)).Order()]
                : [];
            if (!known.Contains(node))
            {
                throw new ClusterException($"There is no log of '{node}' in '{folder.Logs}'. Known: {string.Join(", ", known)}.");
            }

            await Console.Out.WriteLineAsync(
                LogFile.Tail(folder.LogOf(node), OptionChecks.AtLeastOne(parse.GetValue(lines), "--lines")));
            return 0;
        }));
        return command;
    }
}
