using System.Text.Json.Nodes;
using XLLM.Cli.Cluster.State;

namespace XLLM.Cli.Tests.Cluster;

/// <summary>KV between engines that are processes of their own, read from their metrics.</summary>
[Collection(ProcessesCollection.Name)]
public sealed class KvTransferTests
{
    private const int Prompts = 4;

    [Fact]
    public async Task Split_says_what_Mixed_says_with_no_byte_copied_and_with_every_byte_sent()
    {
        string[] mixed = (await RunAsync("--engines", "1")).Texts;

        Run shared = await RunAsync("--prefill", "1", "--decode", "1");
        Assert.Equal(mixed, shared.Texts);
        Assert.InRange(shared.Decode("kv_shared_exchanged_total"), Prompts * 60, Prompts * 100);
        Assert.Equal(shared.Decode("kv_shared_exchanged_total"), shared.Prefill("engine_kv_exchanged_blocks_total"));
        Assert.Equal((0, 0), (shared.Decode("kv_shared_copied_bytes_total"), shared.Decode("kv_received_bytes_total")));
        Assert.Equal((0, 0), (shared.Prefill("kv_sent_bytes_total"), shared.Prefill("kv_connections_total")));

        Run sent = await RunAsync("--prefill", "1", "--decode", "1", "--set", "Silo:Engines:0:Kv:Shared=false");
        Assert.Equal(mixed, sent.Texts);
        Assert.Equal((0, 0), (sent.Decode("kv_shared_exchanged_total"), sent.Decode("kv_shared_copied_bytes_total")));
        Assert.Equal(shared.Decode("kv_shared_exchanged_total"), sent.Decode("kv_transferred_blocks_total"));
        Assert.True(sent.Decode("kv_received_bytes_total") > 0);
        Assert.Equal(sent.Decode("kv_received_bytes_total"), sent.Prefill("kv_sent_bytes_total"));
    }

    [Fact]
    public async Task Blocks_that_a_killed_engine_had_got_are_taken_back()
    {
        await using CliCluster cluster = new();
        // As in RunAsync: nothing is copied down while the blocks change hands.
        await cluster.UpAsync(
            "--membership", "file", "--prefill", "1", "--decode", "1", "--host-kv-bytes", "0",
            "--set", "Silo:Engines:0:Kv:KeepDead=00:00:01");
        (string before, _) = await cluster.StreamAsync(LongPrompt.Of(9, 1_400), 24);
        double exchanged = (await EngineMetrics.ReadAsync(cluster, "engine-2")).Sum("kv_shared_exchanged_total");
        Assert.True(exchanged > 0);

        Assert.Equal(0, (await cluster.RunAsync("kill", "engine-1")).Status);
        await cluster.UntilAsync(
            _ => EngineMetrics.ReadAsync(cluster, "engine-2").Result.Sum("kv_shared_reclaimed_total") == exchanged, "all came back");
        await cluster.UntilAsync(
            x => x["fleet"]!["instances"]!.AsArray().Count(i => (string)i!["health"]! == "ready") == 2, "engine-1 is back");
        Assert.Equal(before, (await cluster.StreamAsync(LongPrompt.Of(9, 1_400), 24)).Text);
        Assert.True((await EngineMetrics.ReadAsync(cluster, "engine-2")).Sum("kv_shared_exchanged_total") > exchanged);
    }

    private static async Task<Run> RunAsync(params string[] layout)
    {
        await using CliCluster cluster = new();
        // Without host memory below: a block that is just being copied down there cannot change hands, and is copied.
        await cluster.UpAsync(["--membership", "file", "--kv-bytes", "134217728", "--host-kv-bytes", "0", .. layout]);
        List<string> texts = [];
        for (int i = 0; i < Prompts; i++)
        {
            texts.Add((await cluster.StreamAsync(LongPrompt.Of(i, 1_400), 24)).Text);
        }

        ClusterSpec spec = cluster.State.ReadSpec()!;
        List<EngineMetrics> metrics = [];
        foreach (NodeSpec node in spec.Engines)
        {
            metrics.Add(await EngineMetrics.ReadAsync(cluster, node.Name));
        }

        JsonNode status = await cluster.StatusAsync();
        Assert.All(status["processes"]!.AsArray(), x => Assert.Equal(0, (int)x!["restarts"]!));
        return new Run([.. texts], metrics);
    }

    private sealed record Run(string[] Texts, IReadOnlyList<EngineMetrics> Engines)
    {
        public double Prefill(string metric) => Engines[0].Sum(metric);

        public double Decode(string metric) => Engines[1].Sum(metric);
    }
}
