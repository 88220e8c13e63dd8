using System.CommandLine;
using XLLM.Cli.Cluster;
using XLLM.Cli.Cluster.State;

namespace XLLM.Cli.Commands;

/// <summary><c>xllm cluster scale</c>.</summary>
internal static class ClusterScaleCommand
{
    public static Command Create()
    {
        Option<string?> state = ClusterCommand.StateOption();
        Option<int> engines = new("--engines") { Description = "engine processes there should be", Required = true };
        Option<string> role = new("--role") { Description = "role of new ones: mixed, prefill or decode", DefaultValueFactory = _ => "mixed" };
        Option<int> timeout = new("--timeout") { Description = "seconds until it must be so", DefaultValueFactory = _ => 300 };
        Command command = new("scale", "Add engines, or drain the surplus.") { state, engines, role, timeout };
        command.SetAction((parse, cancel) => UserErrors.GuardAsync(async () =>
        {
            StateFolder folder = ClusterCommand.Folder(parse, state);
            ClusterSpec spec = RunningCluster.Spec(folder);
            string kind = parse.GetValue(role)!;
            if (kind is not ("mixed" or "prefill" or "decode"))
            {
                throw new ArgumentException($"--role is '{kind}'; it must be mixed, prefill or decode.");
            }

            int count = OptionChecks.AtLeastOne(parse.GetValue(engines), "--engines");
            ClusterSpec wanted = spec with { Nodes = NodeNaming.WithEngines(spec.Nodes, count, kind) };
            folder.Write(wanted);
            await new ReadyWait(folder, Console.Error).AllReadyAsync(wanted, TimeSpan.FromSeconds(parse.GetValue(timeout)), cancel);
            Console.WriteLine($"{count} engines: {string.Join(", ", wanted.Engines.Select(x => x.Name))}");
            return 0;
        }));
        return command;
    }
}
