using System.CommandLine;
using XLLM.Cli.Cluster;
using XLLM.Cli.Cluster.State;

namespace XLLM.Cli.Commands;

/// <summary><c>xllm cluster up</c>.</summary>
internal static class ClusterUpCommand
{
    public static Command Create()
    {
        Option<string?> state = ClusterCommand.StateOption();
        Option<string?> model = ModelOption.Create();
        Option<string?> name = new("--name") { Description = "name of the model in the API" };
        Option<int?> engines = new("--engines") { Description = "engine processes; default 2" };
        Option<int?> prefill = new("--prefill") { Description = "engines that only prefill; with --decode a fixed split" };
        Option<int?> decode = new("--decode") { Description = "engines that only decode" };
        Option<bool> auto = new("--auto") { Description = "every engine takes prefill and decode, as the router decides (default)" };
        Option<int> gateways = new("--gateways") { Description = "gateway processes", DefaultValueFactory = _ => 1 };
        Option<string?> host = new("--host") { Description = "address the gateways listen on; default 127.0.0.1" };
        Option<int> port = new("--port")
        {
            Description = "port of the first gateway, the others follow; 0 = free ones", DefaultValueFactory = _ => 8000,
        };
        Option<string?> postgres = new("--postgres")
        {
            Description = "Npgsql connection string of a running PostgreSQL; without it the cluster starts its own", HelpName = "CONNSTR",
        };
        Option<string> membership = new("--membership")
        {
            Description = "where silos find each other: postgres, or file for development", DefaultValueFactory = _ => "postgres",
        };
        Option<int?> threads = new("--threads-per-engine") { Description = "kernel threads of an engine; default: the cores, shared out" };
        Option<long?> kv = new("--kv-bytes") { Description = "bytes of an engine's KV cache; default: half of the free memory, shared out" };
        Option<long?> spill = new("--host-kv-bytes")
        {
            Description = "bytes of host memory of an engine for KV that its cache has no room for, 0 = none; default: as many, "
                + "of a quarter of the free memory, shared out",
        };
        Option<long?> disk = new("--disk-kv-bytes")
        {
            Description = "bytes of an engine's file for KV that host memory has no room for, in the state folder; default 0 = none",
        };
        Option<bool> noRestart = new("--no-restart") { Description = "leave a crashed process dead" };
        Option<string[]> set = new("--set") { Description = "a setting of every process", HelpName = "KEY=VALUE" };
        Option<int> timeout = new("--timeout") { Description = "seconds until all must be ready", DefaultValueFactory = _ => 300 };
        Command command = new("up", "Start a cluster; gives its URL when it answers.")
        {
            state, model, name, engines, prefill, decode, auto, gateways, host, port, postgres, membership, threads, kv, spill, disk,
            noRestart, set, timeout,
        };
        command.SetAction((parse, cancel) => UserErrors.GuardAsync(async () =>
        {
            StateFolder folder = ClusterCommand.Folder(parse, state);
            ClusterRequest wanted = new()
            {
                Layout = EngineLayout.Of(
                    parse.GetValue(engines), parse.GetValue(prefill), parse.GetValue(decode), parse.GetValue(auto)),
                Gateways = OptionChecks.AtLeastOne(parse.GetValue(gateways), "--gateways"),
                Host = parse.GetValue(host) ?? "127.0.0.1",
                Port = parse.GetValue(port),
                Postgres = parse.GetValue(postgres),
                Membership = MembershipOption.Parse(parse.GetValue(membership)!, parse.GetValue(postgres)),
                Threads = parse.GetValue(threads),
                KvBytes = parse.GetValue(kv),
                HostKvBytes = parse.GetValue(spill),
                DiskKvBytes = parse.GetValue(disk),
                Restart = !parse.GetValue(noRestart),
                Settings = SettingOption.Texts(parse.GetValue(set)),
            };
            (string found, string path) = await ModelOption.FindAsync(parse.GetValue(model), cancel);
            ClusterStart start = new(folder, Console.Error);
            ClusterSpec spec = await start.UpAsync(
                wanted with { Model = path, ModelName = parse.GetValue(name) ?? found },
                TimeSpan.FromSeconds(OptionChecks.AtLeastOne(parse.GetValue(timeout), "--timeout")),
                cancel);
            Console.WriteLine($"Ready {string.Join(" ", spec.Urls)} model={spec.ModelName} engines={spec.Engines.Count()}");
            return 0;
        }));
        return command;
    }
}
