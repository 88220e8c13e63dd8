using System.Diagnostics;
using System.Text.Json.Nodes;
using XLLM.Cli.Bench.Chaos;
using XLLM.Cli.Bench.Serve;
using XLLM.Testing;

namespace XLLM.Cli.Tests.Cluster;

/// <summary>Instances change between prefill and decode while real processes serve.</summary>
[Collection(ProcessesCollection.Name)]
public sealed class RoleFlipTests
{
    private const string Model = "xllm-demo";
    private const int Long = 24;
    private const int Short = 12;

    [Fact]
    public async Task Roles_flip_under_load_and_every_answer_is_that_of_one_server()
    {
        // Half of it sampled, each prompt new to the cluster. The short ones come when the prefill instances are busy with the long
        // ones, and each is in less of a hurry than the one before: however quick the machine is, a decode instance is in time for
        // one of them and the prefill instances are not.
        IReadOnlyList<ChaosPrompt> prompts = await Undisturbed.AnswerAsync(
            [.. Enumerable.Range(0, Long + Short).Select(i => new ChaosPrompt(
                RandomTokens.Make(i < Long ? 3000 : 150, new Random(i)), 40, i % 2 == 0 ? 0 : 0.8, i, 0)
                { TtftSloMs = i < Long ? null : 50 << (i - Long) })],
            Model, SharedData.DemoModel, () => { }, CancellationToken.None);
        await using CliCluster cluster = new();
        await cluster.UpAsync(
            "--engines", "4", "--membership", "file", "--set", "Silo:Routing:Policy=slo-aware",
            "--set", "Silo:Routing:TtftSeconds=600", "--set", "Silo:Routing:TpotSeconds=5", "--set", "Silo:Routing:Colocate=false",
            "--set", "Silo:Routing:LendShare=0",
            "--set", "Silo:Routing:Pools:LeastDecode=1", "--set", "Silo:Routing:Pools:Dwell=00:00:00", "--set", "Silo:Routing:Pools:Settle=00:00:00");
        // The router looks at the fleet when there is something to place.
        await cluster.AskAsync("What is the capital of France?");
        Dictionary<string, string> before = Pools(await cluster.StatusAsync());
        Assert.Contains(before, p => p.Value == "Prefill");
        Assert.Contains(before, p => p.Value == "Decode");

        using HttpClient http = new() { Timeout = TimeSpan.FromMinutes(2) };
        ChaosClient client = new(http, Model, Stopwatch.GetTimestamp());
        TaskCompletionSource begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Task<ChaosAnswer> Ask(int i) => client.AskAsync(
            new Uri(cluster.Url + "/"), i, prompts[i], CancellationToken.None, _ => Task.FromResult(begun.TrySetResult()));
        Task<ChaosAnswer>[] first = [.. Enumerable.Range(0, Long).Select(Ask)];
        await Task.WhenAny([begun.Task, .. first]);
        ChaosAnswer[] answers = await Task.WhenAll([.. first, .. Enumerable.Range(Long, Short).Select(Ask)]);

        ChaosReport report = new(answers, prompts, [], 0);
        Assert.All(answers, a => Assert.Equal((ChaosVerdict.Whole, null), (report.Judge(a), a.Error)));
        JsonNode status = await cluster.StatusAsync();
        string[] moves = [.. status["fleet"]!["routing"]!["pool_moves"]!.AsArray().Select(m => (string)m!)];
        Assert.True(moves.Length > 4, string.Join("\n", moves));
        Assert.Contains(moves, m => m.Contains("ttft-unreachable", StringComparison.Ordinal));
        JsonNode integrity = JsonNode.Parse(await cluster.GetAsync(cluster.Url + "/cluster/integrity"))!;
        Assert.Empty(integrity["faults"]!.AsArray());
    }

    private static Dictionary<string, string> Pools(JsonNode status) =>
        status["fleet"]!["instances"]!.AsArray().ToDictionary(i => (string)i!["id"]!, i => (string?)i!["pool"] ?? "");
}
