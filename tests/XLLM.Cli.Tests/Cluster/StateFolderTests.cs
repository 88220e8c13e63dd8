using System.Text.Json.Nodes;
using XLLM.Cli.Cluster;
using XLLM.Cli.Cluster.Postgres;
using XLLM.Cli.Cluster.Processes;
using XLLM.Cli.Cluster.State;
using XLLM.Cli.Cluster.Supervision;
using XLLM.Cli.Hosting;
using XLLM.Silo.Configuration;

namespace XLLM.Cli.Tests.Cluster;

public sealed class StateFolderTests : IDisposable
{
    private readonly StateFolder _folder = StateFolder.At(Directory.CreateTempSubdirectory("xllm-state-").FullName);

    public StateFolderTests() => _folder.Create();

    public void Dispose() => Directory.Delete(_folder.Root, recursive: true);

    [Fact]
    public void What_is_wanted_and_what_runs_are_read_as_written()
    {
        Assert.Null(_folder.ReadSpec());
        Assert.Equal(ClusterState.Empty, _folder.ReadState());

        ClusterSpec spec = Spec(ClusteringKind.Postgres);
        _folder.Write(spec);
        ClusterSpec read = _folder.ReadSpec()!;
        Assert.Equal(spec.Nodes, read.Nodes);
        Assert.Equal(spec with { Nodes = [], Settings = read.Settings }, read with { Nodes = [] });
        NodeState node = new() { Name = "engine-1", Process = new ProcessMark(7, 9), Phase = NodePhase.Ready, Restarts = 2 };
        _folder.Write(new ClusterState { Supervisor = new ProcessMark(1, 2), Nodes = [node] });
        Assert.Equal(node, _folder.ReadState().Find("engine-1"));

        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(
                UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(_folder.Root, "cluster.json")));
        }
    }

    [Fact]
    public void A_broken_file_is_named_with_what_to_do()
    {
        File.WriteAllText(Path.Combine(_folder.Root, "state.json"), "{ \"nodes\": 3 }");
        Assert.Contains("state.json", Assert.Throws<ClusterException>(() => _folder.ReadState()).Message);
    }

    [Theory]
    [InlineData(ClusteringKind.Postgres)]
    [InlineData(ClusteringKind.File)]
    [InlineData(ClusteringKind.Localhost)]
    public void A_nodes_configuration_is_one_that_a_node_takes(ClusteringKind membership)
    {
        File.WriteAllText(_folder.SecretFile, new string('s', 64));
        ClusterSpec spec = Spec(membership);
        foreach (NodeSpec node in spec.Nodes)
        {
            NodeConfiguration.Write(_folder, spec, node);
            Settings settings = Settings.Read(_folder.ConfigOf(node.Name), []);

            Assert.Equal(node.Kind, settings.Cluster.Role);
            Assert.Equal(node.Name, settings.Silo.Name);
            Assert.Equal(node.SiloPort, settings.Cluster.SiloPort);
            Assert.Equal(node.Kind == NodeRole.Engine ? 1 : 0, settings.Silo.Engines.Count);
            Assert.True(settings.Silo.Fleet.DeadAfter <= TimeSpan.FromSeconds(1));
        }

        NodeSpec engine = spec.Engines.First();
        Assert.Equal("prefill", Settings.Read(_folder.ConfigOf(engine.Name), []).Silo.Engines[0].Role);
        JsonNode text = JsonNode.Parse(File.ReadAllText(_folder.ConfigOf(engine.Name)))!;
        Assert.Equal("12345678", text["Silo"]!["Engines"]!["0"]!["KvCacheBytes"]!.GetValue<string>());
    }

    [Fact]
    public void A_restart_waits_longer_each_time_until_a_run_was_sound()
    {
        Backoff backoff = new();
        Assert.Equal(TimeSpan.FromSeconds(0.2), backoff.After(TimeSpan.FromSeconds(1)));
        Assert.Equal(TimeSpan.FromSeconds(0.4), backoff.After(TimeSpan.FromSeconds(5)));
        for (int i = 0; i < 20; i++)
        {
            backoff.After(TimeSpan.Zero);
        }

        Assert.Equal(TimeSpan.FromSeconds(30), backoff.After(TimeSpan.Zero));
        Assert.Equal(TimeSpan.FromSeconds(0.2), backoff.After(TimeSpan.FromMinutes(1)));
    }

    [Fact]
    public void A_silo_that_was_hardly_there_is_not_started_again_in_the_same_second()
    {
        Assert.Equal(TimeSpan.FromSeconds(1), new Backoff().After(TimeSpan.Zero));
        Assert.Equal(TimeSpan.FromSeconds(1), new Backoff().After(TimeSpan.FromSeconds(0.9)));
    }

    [Fact]
    public void The_schema_is_in_the_program()
    {
        Assert.Contains(MembershipSchema.Scripts, x => x.Name == "clustering.sql" && x.Text.Contains("OrleansMembershipTable"));
        Assert.Contains(MembershipSchema.Scripts, x => x.Name == "persistence.sql");
    }

    private static ClusterSpec Spec(ClusteringKind membership) => new()
    {
        ClusterId = "test-1",
        Membership = membership,
        ConnectionString = membership == ClusteringKind.Postgres ? "Host=127.0.0.1;Password=x" : "",
        Model = "/a/model",
        ModelName = "a-model",
        Threads = 1,
        Settings = new Dictionary<string, string> { ["Silo:Engines:0:KvCacheBytes"] = "12345678", ["Gateway:MaxChoices"] = "7" },
        Nodes = NodeNaming.First(new ClusterRequest { Layout = EngineLayout.Of(null, 1, 1, false), Port = 9100 }),
    };
}
