using System.Diagnostics;
using System.Text.Json.Nodes;
using XLLM.Cli.Cluster.Processes;
using XLLM.Cli.Cluster.State;
using XLLM.Testing;

namespace XLLM.Cli.Tests.Cluster;

/// <summary>A cluster of real processes of the demo model, driven by its commands; down and gone when disposed.</summary>
internal sealed class CliCluster : IAsyncDisposable
{
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(60) };

    // Directly under the temporary folder: PostgreSQL's own user must be able to pass.
    public string Folder { get; } = Path.Combine(Path.GetTempPath(), "xllm-cli-" + Guid.NewGuid().ToString("N")[..8]);

    public StateFolder State => StateFolder.At(Folder);

    public string Url { get; private set; } = "";

    /// <summary>Starts it and gives the command's last line.</summary>
    public async Task<string> UpAsync(params string[] options)
    {
        CommandResult up = await RunAsync(
            ["up", "--port", "0", "--threads-per-engine", "1", "--timeout", "55", .. options,
                .. options.Contains("--kv-bytes") ? (string[])[] : ["--kv-bytes", "33554432"]]);
        Assert.True(up.Status == 0, up.Error);
        Url = State.ReadSpec()!.Urls.First();
        return up.Output.Trim();
    }

    /// <summary>Runs <c>xllm cluster ...</c> on this cluster.</summary>
    public async Task<CommandResult> RunAsync(params string[] command)
    {
        IReadOnlyList<string> self = Launcher.Self();
        ProcessStartInfo start = new(self[0], [.. self.Skip(1), "cluster", command[0], "--state", Folder, .. command[1..]])
        {
            RedirectStandardOutput = true, RedirectStandardError = true,
        };
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> error = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync().Within($"'cluster {command[0]}' ends");
        return new CommandResult(process.ExitCode, await output, await error);
    }

    public async Task<JsonNode> StatusAsync() => JsonNode.Parse((await RunAsync("status", "--json")).Output)!;

    /// <summary>Asks greedily and gives the whole answer's text.</summary>
    public async Task<string> AskAsync(string question, string? traceParent = null)
    {
        using HttpRequestMessage request = new(HttpMethod.Post, Url + "/v1/chat/completions") { Content = Body(question, false, 64) };
        if (traceParent is not null)
        {
            request.Headers.Add("traceparent", traceParent);
        }

        using HttpResponseMessage response = await _http.SendAsync(request);
        string text = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, text);
        return (string)JsonNode.Parse(text)!["choices"]![0]!["message"]!["content"]!;
    }

    /// <summary>Streams so many tokens; <paramref name="onPiece"/> is told the number of each piece of text.</summary>
    public async Task<(string Text, string? Finish)> StreamAsync(string question, int tokens, Action<int>? onPiece = null)
    {
        using HttpRequestMessage request = new(HttpMethod.Post, Url + "/v1/chat/completions") { Content = Body(question, true, tokens) };
        using HttpResponseMessage response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        response.EnsureSuccessStatusCode();
        using StreamReader reader = new(await response.Content.ReadAsStreamAsync());
        (string text, string? finish, int pieces) = ("", null, 0);
        while (await reader.ReadLineAsync() is { } line)
        {
            if (!line.StartsWith("data: {", StringComparison.Ordinal))
            {
                continue;
            }

            JsonNode? choice = JsonNode.Parse(line[6..])!["choices"]?.AsArray().FirstOrDefault();
            finish = (string?)choice?["finish_reason"] ?? finish;
            if ((string?)choice?["delta"]?["content"] is { Length: > 0 } piece)
            {
                text += piece;
                onPiece?.Invoke(++pieces);
            }
        }

        return (text, finish);
    }

    public async Task<string> GetAsync(string url) => await _http.GetStringAsync(new Uri(url));

    /// <summary>Waits until a fact of the status holds.</summary>
    public async Task UntilAsync(Func<JsonNode, bool> holds, string what)
    {
        using PeriodicTimer tick = new(TimeSpan.FromMilliseconds(200));
        long started = Stopwatch.GetTimestamp();
        while (!holds(await StatusAsync()))
        {
            Assert.True(Stopwatch.GetElapsedTime(started) < TimeSpan.FromSeconds(45), $"did not happen: {what}");
            await tick.WaitForNextTickAsync();
        }
    }

    /// <summary>Processes of this machine that name the folder.</summary>
    public IEnumerable<string> Leftovers() =>
        from folder in Directory.EnumerateDirectories("/proc")
        where int.TryParse(Path.GetFileName(folder), out _)
        let command = CommandOf(folder)
        where command.Contains(Folder, StringComparison.Ordinal)
        select command.Replace('\0', ' ');

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await RunAsync("down", "--purge");
    }

    private static string CommandOf(string folder)
    {
        try
        {
            return File.ReadAllText(Path.Combine(folder, "cmdline"));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }

    private static StringContent Body(string question, bool stream, int tokens) => new(
        new JsonObject
        {
            ["model"] = "xllm-demo",
            ["stream"] = stream,
            ["temperature"] = 0,
            ["max_tokens"] = tokens,
            ["ignore_eos"] = stream,
            ["messages"] = new JsonArray(new JsonObject { ["role"] = "user", ["content"] = question }),
        }.ToJsonString(),
        System.Text.Encoding.UTF8,
        "application/json");
}
