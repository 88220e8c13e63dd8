using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging.Abstractions;
using XLLM.Cli.Bench.Loop;
using XLLM.Cli.Bench.Points;
using XLLM.Cli.Terminal;
using XLLM.Contracts.Ids;
using XLLM.Engine.Execution;
using XLLM.Engine.Interop;
using XLLM.Engine.Loop;

namespace XLLM.Cli.Commands;

/// <summary><c>xllm bench loop</c>: the engine as its users see it, requests in and tokens out, sampling included.</summary>
internal static class BenchLoopCommand
{
    private const int Seed = 1;
    private const int MaxRunning = 64;

    private static readonly Option<string?> Model = ModelOption.Create();

    private static readonly Option<string> Points = new("--points")
    {
        Description = "decode points, e.g. decode:1:128,decode:16:128", DefaultValueFactory = _ => "decode:1:128,decode:16:128",
    };

    private static readonly Option<int> Prefix = new("--prefix")
    {
        Description = "tokens of the shared prefix whose hit is measured; 0 = not", DefaultValueFactory = _ => 2000,
    };

    private static readonly Option<int> Rounds = new("--rounds") { Description = "rounds; the medians count", DefaultValueFactory = _ => 5 };
    private static readonly Option<int> Threads = new("--threads") { Description = "kernel threads; 0 = the cores granted to the process" };
    private static readonly Option<EngineIsa> Isa = new("--isa") { Description = "instruction set path" };
    private static readonly Option<bool> Synchronous = new("--synchronous") { Description = "plan a step only when the one before has ended" };
    private static readonly Option<string?> Json = new("--json") { Description = "write the results to a file as JSON", HelpName = "FILE" };

    public static Command Create()
    {
        Command command = new("loop", "Decode speed of the engine's loop with sampling, and what a prefix hit is worth.")
        {
            Model, Points, Prefix, Rounds, Threads, Isa, Synchronous, Json,
        };
        command.SetAction((parse, cancel) => UserErrors.GuardAsync(() => RunAsync(parse, cancel)));
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parse, CancellationToken cancel)
    {
        BenchPoint[] points = [.. PointList.Parse(parse.GetRequiredValue(Points))];
        if (points.FirstOrDefault(p => p.Kind != PointKind.Decode || p.Streams > MaxRunning) is { Streams: > 0 } wrong)
        {
            throw new ArgumentException($"--points has {wrong}; the loop measures decode:STREAMS:CONTEXT with at most {MaxRunning} streams.");
        }

        int rounds = OptionChecks.AtLeastOne(parse.GetValue(Rounds), "--rounds");
        int prefix = (int)OptionChecks.Between(parse.GetValue(Prefix), 0, 1 << 20, "--prefix");
        (string name, string path) = await ModelOption.FindAsync(parse.GetValue(Model), cancel);
        ModelRunner runner = ModelLoader.Load(
            path, new ModelOptions { Name = name, Isa = parse.GetValue(Isa), Threads = parse.GetValue(Threads), MaxOutputs = MaxRunning }, cancellation: cancel);
        string device = runner.Device;
        await using EngineLoop engine = EngineLoop.Start(
            InstanceId.Of("bench", "cpu0"), 1, runner,
            new EngineLoopOptions { MaxRunning = MaxRunning, AsyncScheduling = !parse.GetValue(Synchronous) },
            TimeProvider.System, NullLogger.Instance);
        LoopBench bench = new(engine, TimeProvider.System, Seed);
        await bench.FirstTokenAsync(bench.RandomPrompt(64), cancel);

        Dictionary<BenchPoint, Samples> measured = points.ToDictionary(p => p, _ => new Samples());
        ProgressLine progress = new(Console.Error, !Console.IsErrorRedirected, TimeProvider.System);
        for (int round = 0; round < rounds; round++)
        {
            progress.Report("measuring", round, rounds + 1);
            foreach ((BenchPoint point, Samples samples) in measured)
            {
                samples.Add(await bench.DecodeAsync(point.Streams, point.Context, point.Steps, cancel));
            }
        }

        PrefixHit? hit = prefix > 0 ? await PrefixHit.MeasureAsync(bench, prefix, rounds, cancel) : null;
        progress.Report("measuring", rounds + 1, rounds + 1);
        Print(name, device, measured, hit);
        if (parse.GetValue(Json) is { } file)
        {
            await File.WriteAllTextAsync(file, Describe(name, device, measured, hit), cancel);
        }

        return 0;
    }

    private static void Print(string name, string device, Dictionary<BenchPoint, Samples> measured, PrefixHit? hit)
    {
        Console.WriteLine($"{name}  {device}");
        Console.WriteLine("point    streams  context    tokens/s       (least .. most)");
        foreach ((BenchPoint point, Samples samples) in measured)
        {
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{point.Name,-8} {point.Streams,7} {point.Context,8} {samples.Median,11:0.0}   ({samples.Least:0.0} .. {samples.Most:0.0})"));
        }

        if (hit is not null)
        {
            Console.WriteLine(hit);
        }
    }

    private static string Describe(string name, string device, Dictionary<BenchPoint, Samples> measured, PrefixHit? hit) => new JsonObject
    {
        ["model"] = name,
        ["device"] = device,
        ["results"] = JsonSerializer.SerializeToNode(measured.Select(m => new
        {
            name = m.Key.Name, streams = m.Key.Streams, context = m.Key.Context, ours = m.Value.Median, least = m.Value.Least, most = m.Value.Most,
        })),
        ["prefix"] = hit is null ? null : JsonSerializer.SerializeToNode(new
        {
            tokens = hit.PrefixTokens, cold_ms = hit.Cold.Median * 1000, hit_ms = hit.Hit.Median * 1000, speedup = hit.Speedup,
        }),
    }.ToJsonString(new JsonSerializerOptions { WriteIndented = true }) + "\n";
}
