using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using XLLM.Cli.Bench.Points;

namespace XLLM.Cli.Bench.Peers;

/// <summary>
/// llama.cpp in a Node process that our script drives with one JSON line a request. Its threads sleep between requests. After a
/// cancel or a failure the next request starts another process.
/// </summary>
internal sealed class NodePeer(NodePackage package, string model, int threads, int vocabulary, IReadOnlyList<BenchPoint> points) : IBenchSide
{
    private readonly FlashChoice _flash = new();
    private Process? _process;
    private string _system = "";

    public string Name => PeerReference.Npm;

    public string Details => $"npm node-llama-cpp {NodePackage.Version}{_system}, {threads} threads";

    public bool CanMeasure(BenchPoint point) => true;

    public Task<string> PrepareAsync(BenchPoint point, CancellationToken cancellationToken) =>
        _flash.TryAsync(point, flash => RateAsync(point, flash, cancellationToken));

    public async Task<double> MeasureAsync(BenchPoint point, CancellationToken cancellationToken) =>
        await RateAsync(point, _flash.Of(point), cancellationToken);

    public ValueTask DisposeAsync()
    {
        Stop();
        return ValueTask.CompletedTask;
    }

    private async Task<double> RateAsync(BenchPoint point, bool flash, CancellationToken cancellationToken)
    {
        JsonObject request = new()
        {
            ["op"] = point.Name, ["flash"] = flash, ["streams"] = point.Streams, ["context"] = point.Context, ["steps"] = point.Steps,
            ["room"] = point.Room,
            // Points of one context share a context of the most streams: its prompts are computed once.
            ["most"] = points.Where(p => p.Kind == point.Kind && p.Context == point.Context).Max(p => p.Sequences),
        };
        if (point.Kind == PointKind.Mixed)
        {
            request["schedule"] = JsonSerializer.SerializeToNode(Schedule(point));
        }

        JsonNode answer = await AskAsync(request, cancellationToken);
        return answer["tokens"]!.GetValue<double>() / answer["seconds"]!.GetValue<double>();
    }

    private static List<int[][]> Schedule(BenchPoint point)
    {
        MixedSchedule schedule = new(point);
        List<int[][]> steps = [];
        while (schedule.Next() is { } step)
        {
            steps.Add([.. step.Select(p => new[] { p.Stream, p.Count, p.At, p.Wanted ? 1 : 0 })]);
        }

        return steps;
    }

    private async Task<JsonNode> AskAsync(JsonObject request, CancellationToken cancellationToken)
    {
        try
        {
            Process process = _process ??= await StartAsync(cancellationToken);
            await process.StandardInput.WriteLineAsync(request.ToJsonString().AsMemory(), cancellationToken);
            await process.StandardInput.FlushAsync(cancellationToken);
            return await ReadAsync(process, cancellationToken);
        }
        catch (Exception e)
        {
            Stop();
            throw e is IOException ? new PeerException($"The Node process of llama.cpp ended: {e.Message}") : e;
        }
    }

    private async Task<Process> StartAsync(CancellationToken cancellationToken)
    {
        ProcessStartInfo start = new("node", [package.ScriptPath, Path.GetFullPath(model), $"{threads}", $"{vocabulary}"])
        {
            WorkingDirectory = package.Folder, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
        };
        Process process = PeerProcess.Start(start);
        _process = process;
        process.ErrorDataReceived += (_, _) => { };
        process.BeginErrorReadLine();
        JsonNode ready = await ReadAsync(process, cancellationToken);
        _system = $" ({ready["release"]}: {Features(ready["system"]?.ToString() ?? "")})";
        return process;
    }

    // "CPU : SSE3 = 1 | AVX512_VNNI = 1 |" as the names alone.
    private static string Features(string system) => string.Join(
        ' ', system.Split([':', '|'], StringSplitOptions.TrimEntries).Where(p => p.EndsWith("= 1", StringComparison.Ordinal)).Select(p => p.Split(' ')[0]));

    private static async Task<JsonNode> ReadAsync(Process process, CancellationToken cancellationToken)
    {
        string line = await process.StandardOutput.ReadLineAsync(cancellationToken)
            ?? throw new PeerException("The Node process of llama.cpp ended without an answer.");
        JsonNode? answer;
        try
        {
            answer = JsonNode.Parse(line);
        }
        catch (JsonException)
        {
            throw new PeerException($"llama.cpp's script answered: {Shortened.Of(line)}");
        }

        return answer?["error"] is { } error
            ? throw new PeerException($"llama.cpp: {error}")
            : answer ?? throw new PeerException("llama.cpp's script answered nothing.");
    }

    private void Stop()
    {
        if (_process is { } process)
        {
            _process = null;
            PeerProcess.Kill(process);
            process.Dispose();
        }
    }
}
