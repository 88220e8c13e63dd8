using System.Text.Json.Nodes;
using XLLM.Cli.Cluster.Processes;
using XLLM.Testing;
using XLLM.Testing.Postgres;

namespace XLLM.Cli.Tests.Cluster;

/// <summary>The commands on real processes; each leaves nothing behind.</summary>
[Collection(ProcessesCollection.Name)]
public sealed class ClusterCommandTests
{
    private const string Question = "What is the capital of France?";
    private const string Answer = "The capital of France is Paris.";
    private const string Trace = "4bf92f3577b34da6a3ce929d0e0e4736";

    [Fact]
    public async Task A_cluster_answers_survives_a_kill_grows_shrinks_and_leaves_nothing()
    {
        await using CliCluster cluster = new();
        Assert.Contains("engines=2", await cluster.UpAsync("--engines", "2", "--membership", "file"));
        Assert.Equal(Answer, await cluster.AskAsync(Question));

        JsonNode status = await cluster.StatusAsync();
        Assert.True((bool)status["running"]!);
        Assert.Equal(["engine-1 ready", "engine-2 ready", "gateway-1 ready"], Processes(status));
        Assert.Equal(["engine-1/cpu0", "engine-2/cpu0"], Instances(status, "ready"));
        JsonNode silo = status["fleet"]!["nodes"]!.AsArray().First(x => (string)x!["name"]! == "engine-1")!;
        Assert.Equal("cpu", (string?)silo["metadata"]!["xllm.device_kinds"]);
        Assert.True(long.Parse((string)silo["metadata"]!["xllm.read_bytes_per_second"]!) > 0);
        string metrics = await cluster.GetAsync(UrlOf(status, "engine-1") + "/metrics");
        Assert.Contains("# TYPE xllm:", metrics);
        Assert.Contains("engine-1", (await cluster.RunAsync("status", "--once")).Output);

        // Twice is as good as once.
        Assert.Contains("engines=2", await cluster.UpAsync("--engines", "2", "--membership", "file"));

        long before = Incarnation(status, "engine-1/cpu0");
        Assert.Equal(0, (await cluster.RunAsync("kill", "engine-1")).Status);
        Assert.Equal(Answer, await cluster.AskAsync(Question));
        await cluster.UntilAsync(
            x => Instances(x, "ready").Contains("engine-1/cpu0") && Incarnation(x, "engine-1/cpu0") > before, "engine-1 is back");
        Assert.Equal(1, (int)(await cluster.StatusAsync())["processes"]!.AsArray().First(x => (string)x!["name"]! == "engine-1")!["restarts"]!);

        Assert.Equal(0, (await cluster.RunAsync("scale", "--engines", "3")).Status);
        await cluster.UntilAsync(x => Instances(x, "ready").Count() == 3, "three instances");
        CommandResult scaled = await cluster.RunAsync("scale", "--engines", "1");
        Assert.Equal("1 engines: engine-1", scaled.Output.Trim());
        Assert.Equal(Answer, await cluster.AskAsync(Question));
        Assert.Contains("engine-1 starts as process", (await cluster.RunAsync("logs", "supervisor")).Output);

        Assert.Equal("The cluster is down.", (await cluster.RunAsync("down")).Output.Trim());
        Assert.Empty(cluster.Leftovers());
        Assert.Empty(Directory.GetFiles(cluster.Folder, "*.lock"));
        Assert.Equal(0, (await cluster.RunAsync("down")).Status);
        CommandResult late = await cluster.RunAsync("kill", "engine-1");
        Assert.Equal((1, true), (late.Status, late.Error.Contains("No cluster runs", StringComparison.Ordinal)));
    }

    [PostgresFact]
    public async Task With_a_database_of_its_own_the_database_ends_too()
    {
        await using CliCluster cluster = new();
        await cluster.UpAsync("--engines", "1");
        Assert.Equal(Answer, await cluster.AskAsync(Question));
        Assert.Contains(cluster.Leftovers(), x => x.Contains("postgres", StringComparison.Ordinal));

        Assert.Equal(0, (await cluster.RunAsync("down")).Status);
        Assert.Empty(cluster.Leftovers());

        // The data folder is used again, and its password still opens it.
        await cluster.UpAsync("--engines", "1");
        Assert.Equal(Answer, await cluster.AskAsync(Question));
    }

    [Fact]
    public async Task A_stream_goes_on_when_its_engine_is_told_to_end()
    {
        await using CliCluster cluster = new();
        await cluster.UpAsync("--engines", "2", "--membership", "file", "--no-restart");
        (string expected, _) = await cluster.StreamAsync("Tell me a story.", 150);

        Task<CommandResult>? ended = null;
        (string text, string? finish) = await cluster.StreamAsync("Tell me a story.", 150, piece =>
        {
            if (piece == 20)
            {
                string busy = BusyNode(cluster);
                ended = cluster.RunAsync("kill", busy, "--signal", "TERM");
            }
        });

        Assert.Equal(0, (await ended!).Status);
        Assert.Equal(expected, text);
        Assert.Equal("length", finish);
        await cluster.UntilAsync(x => Processes(x).Count(p => p.EndsWith(" exited", StringComparison.Ordinal)) == 1, "one has ended");
    }

    [Fact]
    public async Task What_a_dead_supervisor_left_is_ended_and_a_new_cluster_starts()
    {
        await using CliCluster cluster = new();
        await cluster.UpAsync("--engines", "1", "--membership", "file");
        ProcessMark supervisor = cluster.State.ReadState().Supervisor!;
        ProcessTable.Signal(supervisor, Signals.Kill);
        Assert.True(await ProcessTable.WaitForExitAsync(supervisor, TimeSpan.FromSeconds(10)));
        Assert.Equal(2, cluster.Leftovers().Count());

        await cluster.UpAsync("--engines", "1", "--membership", "file");
        Assert.Equal(Answer, await cluster.AskAsync(Question));
        Assert.Equal(3, cluster.Leftovers().Count());
    }

    [Fact]
    public async Task A_cluster_that_cannot_start_says_why_and_leaves_nothing()
    {
        await using CliCluster cluster = new();
        CommandResult up = await cluster.RunAsync(
            "up", "--engines", "1", "--membership", "file", "--port", "0", "--no-restart", "--set", "Silo:Engines:0:MaxRunning=0");

        Assert.Equal(1, up.Status);
        Assert.Contains("MaxRunning is 0", up.Error);
        Assert.Empty(cluster.Leftovers());
    }

    [Fact]
    public async Task A_trace_goes_through_both_processes()
    {
        await using FakeCollector collector = await FakeCollector.StartAsync();
        await using CliCluster cluster = new();
        await cluster.UpAsync(
            "--engines", "1", "--membership", "file", "--set", $"Telemetry:OtlpEndpoint={collector.Url}",
            "--set", "Telemetry:OtlpProtocol=http");
        Assert.Equal(Answer, await cluster.AskAsync(Question, $"00-{Trace}-b7ad6b7169203331-01"));
        // Stopping sends what has not been sent.
        await cluster.RunAsync("down");

        byte[] trace = Convert.FromHexString(Trace);
        string[] gateway = ["chat xllm-demo", "parse", "text", "submit", "own", "route", "reserve", "answer", "end"];
        Assert.All(gateway, x => Assert.True(collector.Has("xllm-gateway", x, trace), x));
        Assert.All((string[])["queue", "prefill", "decode"], x => Assert.True(collector.Has("xllm-engine", x, trace), x));
    }

    private static string BusyNode(CliCluster cluster)
    {
        JsonNode fleet = JsonNode.Parse(cluster.GetAsync(cluster.Url + "/cluster").GetAwaiter().GetResult())!;
        return (string)fleet["instances"]!.AsArray().MaxBy(x => (int)x!["running"]!)!["node"]!;
    }

    private static IEnumerable<string> Processes(JsonNode status) =>
        status["processes"]!.AsArray().Select(x => $"{x!["name"]} {x["phase"]}");

    private static IEnumerable<string> Instances(JsonNode status, string health) => (status["fleet"]?["instances"]?.AsArray() ?? [])
        .Where(x => (string)x!["health"]! == health).Select(x => (string)x!["id"]!).Distinct().Order();

    private static long Incarnation(JsonNode status, string instance) =>
        status["fleet"]!["instances"]!.AsArray().Where(x => (string)x!["id"]! == instance).Max(x => (long)x!["incarnation"]!);

    private static string UrlOf(JsonNode status, string process) =>
        (string)status["processes"]!.AsArray().First(x => (string)x!["name"]! == process)!["url"]!;
}
