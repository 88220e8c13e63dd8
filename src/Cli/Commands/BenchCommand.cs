using System.CommandLine;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using XLLM.Cli.Bench;
using XLLM.Cli.Terminal;
using XLLM.Contracts.Ids;
using XLLM.Engine.Execution;
using XLLM.Engine.Interop;
using XLLM.Engine.Loop;

namespace XLLM.Cli.Commands;

/// <summary><c>xllm bench</c>: measurements.</summary>
internal static class BenchCommand
{
    public static Command Create() => new("bench", "Measure.") { Engine(), SoakCommand.Create() };

    private static Command Engine()
    {
        Option<string?> model = ModelOption.Create();
        Option<int> prompt = new("--prompt") { Description = "prompt tokens", DefaultValueFactory = _ => 512 };
        Option<int> decode = new("--decode") { Description = "tokens each stream decodes", DefaultValueFactory = _ => 128 };
        Option<string> streams = new("--streams") { Description = "streams of the decode points, e.g. 1,4,16", DefaultValueFactory = _ => "1,16" };
        Option<int> context = new("--context") { Description = "prompt tokens of the decode points", DefaultValueFactory = _ => 128 };
        Option<int> rounds = new("--rounds") { Description = "rounds; the median counts", DefaultValueFactory = _ => 3 };
        Option<int> threads = new("--threads") { Description = "kernel threads; 0 = the cores granted to the process" };
        Option<EngineIsa> isa = new("--isa") { Description = "instruction set path" };
        Option<string?> json = new("--json") { Description = "write the results to a file as JSON", HelpName = "FILE" };
        Command command = new("engine", "Prefill and decode speed of the engine, without HTTP and actors.")
        {
            model, prompt, decode, streams, context, rounds, threads, isa, json,
        };
        command.SetAction((parse, cancel) => UserErrors.GuardAsync(async () =>
        {
            int[] counts = ParseStreams(parse.GetRequiredValue(streams));
            (string name, string path) = await ModelOption.FindAsync(parse.GetValue(model), cancel);
            int promptTokens = AtLeastOne(parse.GetValue(prompt), "--prompt");
            int decodeTokens = AtLeastOne(parse.GetValue(decode), "--decode");
            int contextTokens = AtLeastOne(parse.GetValue(context), "--context");
            int most = Math.Max(64, counts.Max());
            ModelRunner runner = ModelLoader.Load(
                path,
                new ModelOptions { Name = name, Isa = parse.GetValue(isa), Threads = parse.GetValue(threads), MaxTokens = 512, MaxOutputs = most },
                cancellation: cancel);
            await using EngineLoop engine = EngineLoop.Start(
                InstanceId.Of("bench", "cpu0"), 1, runner,
                new EngineLoopOptions { MaxRunning = most, PrefixCache = false },
                TimeProvider.System, NullLogger.Instance);
            EngineBench bench = new(engine, TimeProvider.System, seed: 1);
            Console.WriteLine($"{name}  {runner.Device}  {RuntimeInformation.OSArchitecture}, {Environment.ProcessorCount} cores");
            await bench.PrefillAsync(Math.Min(promptTokens, 64), cancel);

            int total = AtLeastOne(parse.GetValue(rounds), "--rounds");
            ProgressLine progress = new(Console.Error, !Console.IsErrorRedirected, TimeProvider.System);
            List<double> prefill = [];
            Dictionary<int, List<double>> decoding = counts.Distinct().ToDictionary(c => c, _ => new List<double>());
            for (int round = 0; round < total; round++)
            {
                progress.Report("measuring", round, total);
                prefill.Add(await bench.PrefillAsync(promptTokens, cancel));
                foreach (int count in decoding.Keys)
                {
                    decoding[count].Add(await bench.DecodeAsync(count, contextTokens, decodeTokens, cancel));
                }
            }

            progress.EndLine();
            List<EngineBenchResult> results =
            [
                EngineBenchResult.Of("prefill", 1, promptTokens, prefill),
                .. decoding.Select(d => EngineBenchResult.Of("decode", d.Key, contextTokens, d.Value)),
            ];
            Print(results);
            await WriteAsync(parse.GetValue(json), name, runner.Device, results);
            return 0;
        }));
        return command;
    }

    private static void Print(List<EngineBenchResult> results)
    {
        Console.WriteLine("what     streams  context    tokens/s       (least .. most)");
        foreach (EngineBenchResult r in results)
        {
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"{r.Name,-8} {r.Streams,7} {r.Context,8} {r.Median,11:0.0}   ({r.Least:0.0} .. {r.Most:0.0})"));
        }
    }

    private static async Task WriteAsync(string? path, string model, string device, List<EngineBenchResult> results)
    {
        if (path is not null)
        {
            await using FileStream file = File.Create(path);
            await JsonSerializer.SerializeAsync(
                file,
                new { model, device, results = results.Select(r => new { name = r.Name, streams = r.Streams, context = r.Context, ours = r.Median, least = r.Least, most = r.Most }) },
                new JsonSerializerOptions { WriteIndented = true });
        }
    }

    private static int[] ParseStreams(string text)
    {
        int[] counts = [.. text.Split(',').Select(p => int.TryParse(p, out int n) ? n : 0)];
        return counts.All(n => n is >= 1 and <= 512)
            ? counts
            : throw new ArgumentException($"--streams is '{text}'; it must be numbers from 1 to 512 with commas between, e.g. 1,4,16.");
    }

    private static int AtLeastOne(int value, string option) =>
        value >= 1 ? value : throw new ArgumentException($"{option} is {value}; it must be at least 1.");
}
