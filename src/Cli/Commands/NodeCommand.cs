using System.CommandLine;
using XLLM.Cli.Hosting;

namespace XLLM.Cli.Commands;

/// <summary><c>xllm node</c>: one process of a cluster, as its configuration says; what <c>cluster up</c> and containers start.</summary>
internal static class NodeCommand
{
    public static Command Create()
    {
        Option<string?> config = new("--config") { Description = "a configuration file, read after appsettings.json" };
        Option<string[]> set = new("--set")
        {
            Description = "a setting, e.g. Silo:Name=engine-1; wins over file and environment", HelpName = "KEY=VALUE",
        };
        Option<bool> check = new("--check") { Description = "check the settings, start nothing" };
        Command command = new("node", "Run one process of a cluster: Cluster:Role says gateway, engine or all.") { config, set, check };
        command.SetAction((parse, cancel) => UserErrors.GuardAsync(async () =>
        {
            Settings settings = Settings.Read(parse.GetValue(config), SettingOption.Parse(parse.GetValue(set) ?? []));
            string role = settings.Cluster.Role.ToString().ToLowerInvariant();
            if (parse.GetValue(check))
            {
                Console.WriteLine($"Settings are valid: {settings.Silo.Name} as {role} in cluster {settings.Cluster.ClusterId}.");
                return 0;
            }

            using FaultPoint? fault = FaultPoint.FromEnvironment();
            await using ServerHost server = await ServerHost.StartAsync(settings, cancel);
            string models = string.Join(",", server.Readiness.Instances.Select(i => i.Model.Name));
            Console.WriteLine($"Ready {server.Url} role={role} model={models} runtime={RuntimeName.Current}");
            await server.WaitForShutdownAsync();
            return 0;
        }));
        return command;
    }
}
