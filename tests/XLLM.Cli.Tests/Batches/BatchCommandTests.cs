using System.Text.Json;
using XLLM.Cli.Tests.Cluster;

namespace XLLM.Cli.Tests.Batches;

/// <summary><c>xllm batch</c> with a server that is killed in the middle of a batch.</summary>
[Collection(ProcessesCollection.Name)]
public sealed class BatchCommandTests : IDisposable
{
    private const int Requests = 150;

    private readonly string _folder = Directory.CreateTempSubdirectory("xllm-batch-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_server_killed_in_the_middle_of_a_batch_loses_and_doubles_nothing()
    {
        string data = Path.Combine(_folder, "data");
        string input = WriteInput(Requests, tokens: 120);
        string id;
        Dictionary<string, string> before;
        await using (ServeProcess first = await ServeProcess.StartAsync(data))
        {
            CommandResult submitted = await first.RunAsync("batch", "submit", input, "--metadata", "run=1");
            Assert.True(submitted.Status == 0, submitted.Error);
            id = submitted.Output.Split(' ')[0];
            string journal = Path.Combine(data, "batches", id, "1.journal");
            using PeriodicTimer tick = new(TimeSpan.FromMilliseconds(5));
            using CancellationTokenSource limit = new(TimeSpan.FromMinutes(2));
            while (LinesOf(journal).Length < 6)
            {
                await tick.WaitForNextTickAsync(limit.Token);
            }

            await first.KillAsync();
            before = LinesOf(journal).Select(l => l[l.IndexOf('{', StringComparison.Ordinal)..]).ToDictionary(CustomIdOf);
        }

        Assert.InRange(before.Count, 6, Requests - 1);
        // As if the last write had been cut.
        await File.AppendAllTextAsync(Path.Combine(data, "batches", id, "1.journal"), "149 + 0123");

        await using ServeProcess second = await ServeProcess.StartAsync(data);
        CommandResult ended = await second.RunAsync("batch", "status", id, "--wait");
        Assert.True(ended.Status == 0, ended.Error);
        Assert.Equal($"{id} completed {Requests}/{Requests}, 0 failed", ended.Output.Trim());
        string results = Path.Combine(_folder, "results.jsonl");
        CommandResult fetched = await second.RunAsync("batch", "results", id, "-o", results);
        Assert.True(fetched.Status == 0, fetched.Error);
        string[] lines = await File.ReadAllLinesAsync(results);
        Assert.Equal(Enumerable.Range(0, Requests).Select(i => $"request-{i}"), lines.Select(CustomIdOf));
        // The very same answers: they were not made again.
        Assert.All(lines.Where(l => before.ContainsKey(CustomIdOf(l))), l => Assert.Equal(before[CustomIdOf(l)], l));
        Assert.All(lines, l => Assert.Contains("\"status_code\":200", l, StringComparison.Ordinal));

        CommandResult list = await second.RunAsync("batch", "list");
        Assert.StartsWith(
            $"{id} completed {Requests}/{Requests}, 0 failed /v1/chat/completions", list.Output, StringComparison.Ordinal);
        CommandResult cancel = await second.RunAsync("batch", "cancel", id);
        Assert.Equal((1, "xllm: 409 A batch that is completed cannot be cancelled."), (cancel.Status, cancel.Error.Trim()));
        CommandResult errors = await second.RunAsync("batch", "results", id, "--errors");
        Assert.Equal((1, "xllm: The batch is completed and has no errors."), (errors.Status, errors.Error.Trim()));

        string bad = Path.Combine(_folder, "bad.jsonl");
        await File.WriteAllTextAsync(bad, File.ReadLines(input).First() + "\n{\"custom_id\":\"a\"}\n");
        CommandResult failed = await second.RunAsync("batch", "submit", bad, "--wait");
        Assert.Equal(1, failed.Status);
        Assert.Contains("line 2: invalid_method: 'method' must be 'POST'.", failed.Error, StringComparison.Ordinal);
    }

    private string WriteInput(int count, int tokens)
    {
        string path = Path.Combine(_folder, "input.jsonl");
        File.WriteAllLines(path, Enumerable.Range(0, count).Select(i => JsonSerializer.Serialize(new
        {
            custom_id = $"request-{i}",
            method = "POST",
            url = "/v1/chat/completions",
            body = new
            {
                model = "xllm-demo", temperature = 0, max_tokens = tokens, ignore_eos = true,
                messages = new[] { new { role = "user", content = $"Tell me about number {i}." } },
            },
        })));
        return path;
    }

    // Whole lines only.
    private static string[] LinesOf(string journal)
    {
        if (!File.Exists(journal))
        {
            return [];
        }

        using FileStream stream = new(journal, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        using StreamReader reader = new(stream);
        return reader.ReadToEnd().Split('\n')[..^1];
    }

    private static string CustomIdOf(string line)
    {
        using JsonDocument document = JsonDocument.Parse(line);
        return document.RootElement.GetProperty("custom_id").GetString()!;
    }
}
