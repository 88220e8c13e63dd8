using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Data.Sqlite;
using XLLM.Cli.Batches;
using XLLM.Cli.Cluster.State;
using XLLM.Cli.Tests.Cluster;
using XLLM.Testing;

namespace XLLM.Cli.Tests.Batches;

/// <summary>Two gateways with one data folder, in processes of a cluster.</summary>
[Collection(ProcessesCollection.Name)]
public sealed class ClusterBatchTests
{
    private const int Requests = 120;

    [Fact]
    public async Task Another_gateway_goes_on_with_a_batch_of_one_that_is_killed()
    {
        await using CliCluster cluster = new();
        await cluster.UpAsync("--membership", "file", "--gateways", "2", "--engines", "1");
        ClusterSpec spec = cluster.State.ReadSpec()!;
        string input = Path.Combine(cluster.Folder, "input.jsonl");
        await File.WriteAllLinesAsync(input, Enumerable.Range(0, Requests).Select(LineOf));
        using BatchClient first = new(spec.Urls.First(), null);
        using BatchClient second = new(spec.Urls.Last(), null);
        string file = await first.UploadAsync(input, CancellationToken.None);
        // Made at one gateway of a file uploaded at the other.
        BatchView batch = await second.CreateAsync(
            file, "/v1/chat/completions", "1h", new Dictionary<string, string>(), CancellationToken.None);
        string journal = Path.Combine(cluster.State.Data, "batches", batch.Id, "1.journal");
        using PeriodicTimer tick = new(TimeSpan.FromMilliseconds(5));
        using CancellationTokenSource limit = new(TimeSpan.FromMinutes(2));
        while (!File.Exists(journal) || new FileInfo(journal).Length < 4096)
        {
            await tick.WaitForNextTickAsync(limit.Token);
        }

        NodeState owner = cluster.State.ReadState().Nodes.Single(
            n => n.Process is { } process && Holds(process.Id, RunnerOf(cluster, batch.Id)));
        CommandResult kill = await cluster.RunAsync("kill", owner.Name);
        Assert.True(kill.Status == 0, kill.Error);
        BatchClient other = owner.Name == spec.Nodes.First(
            n => n.HttpPort == new Uri(spec.Urls.First()).Port).Name ? second : first;
        while (!(batch = await other.GetAsync(batch.Id, CancellationToken.None)).IsOver)
        {
            await tick.WaitForNextTickAsync(limit.Token);
        }

        Assert.Equal(("completed", Requests, 0), (batch.Status, batch.Completed, batch.Failed));
        using MemoryStream results = new();
        await other.DownloadAsync(batch.OutputFile!, results, CancellationToken.None);
        string[] lines = System.Text.Encoding.UTF8.GetString(results.ToArray())
            .Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(
            Enumerable.Range(0, Requests).Select(i => $"request-{i}"),
            lines.Select(l => (string)JsonNode.Parse(l)!["custom_id"]!));
    }

    private static string LineOf(int i) => JsonSerializer.Serialize(new
    {
        custom_id = $"request-{i}",
        method = "POST",
        url = "/v1/chat/completions",
        body = new
        {
            model = "xllm-demo", temperature = 0, max_tokens = 150, ignore_eos = true,
            messages = new[] { new { role = "user", content = $"Tell me about number {i}." } },
        },
    });

    private static string RunnerOf(CliCluster cluster, string batch)
    {
        using SqliteConnection connection = new($"Data Source={Path.Combine(cluster.State.Data, "gateway.db")};Mode=ReadOnly");
        connection.Open();
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = "SELECT runner FROM batches WHERE id = $id";
        command.Parameters.AddWithValue("$id", batch);
        return (string)command.ExecuteScalar()!;
    }

    private static bool Holds(int process, string presence)
    {
        try
        {
            return Directory.EnumerateFiles($"/proc/{process}/fd")
                .Any(fd => new FileInfo(fd).LinkTarget?.EndsWith("/gateways/" + presence, StringComparison.Ordinal) == true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
