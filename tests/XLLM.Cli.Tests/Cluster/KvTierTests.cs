using System.Text.Json.Nodes;

namespace XLLM.Cli.Tests.Cluster;

/// <summary>KV that comes back from below an engine's pool, or from another engine, in processes of a cluster.</summary>
[Collection(ProcessesCollection.Name)]
public sealed class KvTierTests
{
    private const int MostBursts = 8;

    // Of 16 tokens each in 48 KiB; the pool has 341.
    private const int PromptBlocks = 85;

    private static readonly string[] SmallPool = ["--membership", "file", "--engines", "1", "--kv-bytes", "16777216"];

    [Theory]
    [InlineData("Host", "67108864", "0")]
    [InlineData("Disk", "6291456", "134217728")]
    public async Task A_prompt_that_the_pool_gave_up_comes_back(string tier, string host, string disk)
    {
        await using CliCluster cluster = new();
        await cluster.UpAsync([.. SmallPool, "--host-kv-bytes", host, "--disk-kv-bytes", disk]);
        string[] texts = new string[7];
        for (int i = 0; i < texts.Length; i++)
        {
            texts[i] = await AskAsync(cluster, i);
            await cluster.UntilAsync(x => BelowThePool(x) >= (i + 1) * PromptBlocks, "it is copied down");
        }

        EngineMetrics before = await EngineMetrics.ReadAsync(cluster, "engine-1");
        Assert.Equal(0, before.Sum("kv_tier_prefetched_total"));
        Assert.Equal(0, before.Sum("kv_tier_dropped_total"));

        Assert.Equal(texts[0], await AskAsync(cluster, 0));
        EngineMetrics after = await EngineMetrics.ReadAsync(cluster, "engine-1");
        Assert.True(after.Sum("kv_tier_prefetched_total", $"tier=\"{tier}\"") >= PromptBlocks);
        Assert.Equal(0, after.Sum("kv_tier_recomputed_total"));
    }

    [Fact]
    public async Task A_beginning_that_the_other_engine_has_is_fetched_where_that_is_quicker_than_computing_it()
    {
        await using CliCluster cluster = new();
        // Objectives that are kept however slow the machine is: then the instance with the most left of them is chosen, and requests that
        // would wait for one of the eight places go to the engine that has nothing of the beginning.
        await cluster.UpAsync(
            "--membership", "file", "--engines", "2", "--kv-bytes", "134217728", "--set", "Silo:Routing:Policy=slo-aware",
            "--set", "Silo:Routing:TtftSeconds=60", "--set", "Silo:Routing:TpotSeconds=5", "--set", "Silo:Engines:0:MaxRunning=8");
        // Whether somebody goes there is the policy's to say, at each burst anew; that it fetches when it does is asked here.
        double fetched = 0;
        for (int burst = 0; burst < MostBursts && fetched == 0; burst++)
        {
            string beginning = LongPrompt.Of(5 + burst, 1_300);
            await cluster.StreamAsync(beginning, 8);
            int known = 80 * (burst + 1);
            await cluster.UntilAsync(x => x["fleet"]!["instances"]!.AsArray().Sum(i => (int)i!["kv_host_blocks"]!) >= known, "it is known");
            string[] texts = await Task.WhenAll(Enumerable.Range(0, 24).Select(
                async i => (await cluster.StreamAsync($"{beginning} cat {i}", 100)).Text));
            fetched = await FetchedAsync(cluster);
            for (int i = 0; i < texts.Length; i += 8)
            {
                Assert.Equal((await cluster.StreamAsync($"{beginning} cat {i}", 100)).Text, texts[i]);
            }
        }

        // Blocks of 48 KiB: all that is full of the beginning, once.
        Assert.True(fetched >= 80 * 48 * 1024, $"{fetched} bytes came from the other engine");
    }

    private static async Task<double> FetchedAsync(CliCluster cluster)
    {
        double fetched = 0;
        foreach (string node in (string[])["engine-1", "engine-2"])
        {
            EngineMetrics metrics = await EngineMetrics.ReadAsync(cluster, node);
            fetched += metrics.Sum("kv_shared_copied_bytes_total");
            Assert.Equal(0, metrics.Sum("kv_received_bytes_total"));
        }

        return fetched;
    }

    private static async Task<string> AskAsync(CliCluster cluster, int prompt) =>
        (await cluster.StreamAsync(LongPrompt.Of(prompt, 1_400), 8)).Text;

    private static int BelowThePool(JsonNode status)
    {
        JsonNode engine = status["fleet"]!["instances"]!.AsArray().Single()!;
        return (int)engine["kv_host_blocks"]! + (int)engine["kv_disk_blocks"]!;
    }
}
