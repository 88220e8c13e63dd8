using System.Text.Json.Nodes;

namespace XLLM.Cli.Tests.Cluster;

/// <summary>KV that comes back from below an engine's pool, or from another engine, in processes of a cluster.</summary>
[Collection(ProcessesCollection.Name)]
public sealed class KvTierTests
{
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

    private static async Task<string> AskAsync(CliCluster cluster, int prompt) =>
        (await cluster.StreamAsync(LongPrompt.Of(prompt, 1_400), 8)).Text;

    private static int BelowThePool(JsonNode status)
    {
        JsonNode engine = status["fleet"]!["instances"]!.AsArray().Single()!;
        return (int)engine["kv_host_blocks"]! + (int)engine["kv_disk_blocks"]!;
    }
}
