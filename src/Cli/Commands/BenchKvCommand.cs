using System.CommandLine;
using XLLM.Cli.Bench.Kv;
using XLLM.Cli.Bench.Points;
using XLLM.Engine.Execution;
using XLLM.Engine.Memory;

namespace XLLM.Cli.Commands;

/// <summary><c>xllm bench kv</c>: what KV memory costs.</summary>
internal static class BenchKvCommand
{
    private const int MaxStreams = 128;

    private static readonly Option<string?> Model = ModelOption.Create();

    private static readonly Option<int> Streams = new("--streams")
    {
        Description = "requests under way", DefaultValueFactory = _ => 16,
    };

    private static readonly Option<int> Requests = new("--requests")
    {
        Description = "requests in all", DefaultValueFactory = _ => 400,
    };

    private static readonly Option<long?> Bytes = new("--kv-bytes")
    {
        Description = "bytes of the KV pool; default: from the memory there is",
    };

    private static readonly Option<int> Rounds = new("--rounds")
    {
        Description = "rounds of decode; the medians count", DefaultValueFactory = _ => 5,
    };

    private static readonly Option<string?> Json = new("--json")
    {
        Description = "write the results to a file as JSON", HelpName = "FILE",
    };

    private static readonly Option<string> Points = new("--points")
    {
        Description = "decode points measured end to end in both modes; empty = none",
        DefaultValueFactory = _ => "decode:1:128,decode:16:128,decode:4:1024",
    };

    public static Command Create()
    {
        Command command = new("kv", "Cost of giving KV memory to sequences: block lists against ranges of addresses (xTensor).")
        {
            Model, Streams, Requests, Bytes, Points, Rounds, Json,
        };
        command.SetAction((parse, cancel) => UserErrors.GuardAsync(() => RunAsync(parse, cancel)));
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parse, CancellationToken cancel)
    {
        string listed = parse.GetRequiredValue(Points);
        BenchPoint[] points = listed.Length == 0 ? [] : [.. PointList.Parse(listed)];
        if (points.FirstOrDefault(p => p.Kind != PointKind.Decode || p.Streams > MaxStreams) is { Streams: > 0 } wrong)
        {
            throw new ArgumentException(
                $"--points has {wrong}; decode:STREAMS:CONTEXT with at most {MaxStreams} streams was expected.");
        }

        int rounds = OptionChecks.AtLeastOne(parse.GetValue(Rounds), "--rounds");
        int streams = (int)OptionChecks.Between(parse.GetValue(Streams), 1, MaxStreams, "--streams");
        int requests = OptionChecks.AtLeastOne(parse.GetValue(Requests), "--requests");
        (string name, string path) = await ModelOption.FindAsync(parse.GetValue(Model), cancel);
        ModelRunner Load(KvMode mode, int threads) => ModelLoader.Load(
            path,
            new ModelOptions
            {
                Name = name, Threads = threads, KvMode = mode, KvBytes = parse.GetValue(Bytes), MaxOutputs = MaxStreams,
            },
            cancellation: cancel);

        KvReport report;
        using (ModelRunner runner = Load(KvMode.Virtual, threads: 1))
        {
            report = Allocate(runner, name, streams, requests);
        }

        if (points.Length > 0)
        {
            report = report with
            {
                Decode = await KvDecode.MeasureAsync(mode => Load(mode, threads: 0), points, rounds, cancel),
            };
        }

        report.Print(Console.Out);
        if (parse.GetValue(Json) is { } file)
        {
            await File.WriteAllTextAsync(file, report.ToJson(), cancel);
        }

        return 0;
    }

    private static KvReport Allocate(ModelRunner runner, string name, int streams, int requests)
    {
        int context = runner.Model.ContextLength;
        KvBench bench = new(runner, new KvBenchOptions
        {
            Streams = streams,
            Requests = requests,
            MaxPrompt = Math.Min(768, context / 2),
            MaxOutput = Math.Min(256, context / 4),
        });

        // Once for warm code and memory that has been touched.
        bench.Run(hasRanges: true);
        KvBenchResult lists = bench.Run(hasRanges: false);
        PageRangeStats before = runner.Ranges?.Stats ?? default;
        KvBenchResult? ranges = runner.Ranges is null ? null : bench.Run(hasRanges: true);
        return new KvReport
        {
            Model = name,
            Blocks = runner.Blocks,
            BlockTokens = runner.BlockTokens,
            BlockBytes = runner.KvBytes / runner.Blocks,
            Mode = runner.KvMode,
            Lists = lists,
            Ranges = ranges,
            Mapping = (before, runner.Ranges?.Stats ?? default, runner.Ranges?.MappingLimit ?? 0),
        };
    }
}
