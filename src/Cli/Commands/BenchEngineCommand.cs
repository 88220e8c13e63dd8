using System.CommandLine;
using XLLM.Cli.Bench.Limits;
using XLLM.Cli.Bench.Peers;
using XLLM.Cli.Bench.Points;
using XLLM.Cli.Bench.Reports;
using XLLM.Cli.Terminal;
using XLLM.Engine.Execution;
using XLLM.Engine.Interop;
using XLLM.Engine.Memory;

namespace XLLM.Cli.Commands;

/// <summary><c>xllm bench engine</c>: the engine's steps against peers and the machine's limits.</summary>
internal static class BenchEngineCommand
{
    private const int Seed = 1;

    private static readonly Option<string?> Model = ModelOption.Create();

    private static readonly Option<string[]> Peer = new("--peer")
    {
        Description = "a peer to compare with, several allowed: llama.cpp (npm package node-llama-cpp, installed into the cache), or PATH or "
            + "NAME=PATH of a build folder that holds llama-bench and llama-batched-bench",
        HelpName = "llama.cpp|PATH",
    };

    private static readonly Option<string> Points = new("--points")
    {
        Description = "all, or e.g. prefill:512,decode:16:128,mixed:16:512 (streams, then context)", DefaultValueFactory = _ => "all",
    };

    private static readonly Option<int> Rounds = new("--rounds") { Description = "rounds; the medians count", DefaultValueFactory = _ => 5 };
    private static readonly Option<int> Threads = new("--threads") { Description = "threads of every side; 0 = the cores granted to the process" };
    private static readonly Option<EngineIsa> Isa = new("--isa") { Description = "our instruction set path" };
    private static readonly Option<KvType> Kv = new("--kv") { Description = "type of our KV", DefaultValueFactory = _ => KvType.F16 };

    private static readonly Option<int> PeerSeconds = new("--peer-seconds")
    {
        Description = "time of a peer at a point; then it has no further rounds there", DefaultValueFactory = _ => 600,
    };

    private static readonly Option<double> ProbeSeconds = new("--probe-seconds")
    {
        Description = "time of each probe of the machine's limits, before every point", DefaultValueFactory = _ => 0.3,
    };

    private static readonly Option<string?> Json = new("--json") { Description = "write the results to a file as JSON", HelpName = "FILE" };

    private static readonly Option<string?> Save = new("--save")
    {
        Description = "write JSON, Markdown and a chart to a folder; without a value, and by itself when all points were measured against a "
            + "peer, to bench/results",
        HelpName = "FOLDER",
        Arity = ArgumentArity.ZeroOrOne,
    };

    public static Command Create()
    {
        Command command = new("engine", "Prefill, decode and mixed load of the engine's steps, beside peers on the same file and cores.")
        {
            Model, Peer, Points, Rounds, Threads, Isa, Kv, PeerSeconds, ProbeSeconds, Json, Save,
        };
        command.SetAction((parse, cancel) => UserErrors.GuardAsync(() => RunAsync(parse, cancel)));
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parse, CancellationToken cancel)
    {
        IReadOnlyList<BenchPoint> points = PointList.Parse(parse.GetRequiredValue(Points));
        int rounds = OptionChecks.AtLeastOne(parse.GetValue(Rounds), "--rounds");
        int peerSeconds = OptionChecks.AtLeastOne(parse.GetValue(PeerSeconds), "--peer-seconds");
        double probeSeconds = OptionChecks.Between(parse.GetValue(ProbeSeconds), 0.01, 60, "--probe-seconds");
        PeerReference[] references = [.. (parse.GetValue(Peer) ?? []).Select(PeerReference.Parse)];
        if (references.GroupBy(p => p.Name).FirstOrDefault(g => g.Count() > 1) is { } twice)
        {
            throw new ArgumentException($"Two peers are called '{twice.Key}'; name one: --peer NAME=PATH.");
        }

        (string name, string path) = await ModelOption.FindAsync(parse.GetValue(Model), cancel);
        if (references.Length > 0 && !path.EndsWith(".gguf", StringComparison.OrdinalIgnoreCase))
        {
            throw new ArgumentException($"Peers read GGUF files; {path} is none.");
        }

        ProgressLine progress = new(Console.Error, !Console.IsErrorRedirected, TimeProvider.System);
        KvType kv = parse.GetValue(Kv);
        ModelOptions options = new() { Name = name, Isa = parse.GetValue(Isa), Threads = parse.GetValue(Threads), KvType = kv };
        await using OwnEngine ours = OwnEngine.Load(path, options, points, Seed, cancel);
        List<IBenchSide> peers = [];
        try
        {
            foreach (PeerReference reference in references)
            {
                peers.Add(reference.Folder is null
                    ? new NodePeer(await NodePackage.GetAsync(NodePackage.DefaultCache(), progress, cancel), path, ours.Threads, ours.Vocabulary, points)
                    : FolderPeer.Open(reference, path, ours.Threads));
            }

            LimitProbe probe = new(ours.Isa, ours.Threads, probeSeconds);
            Comparison comparison = new(
                ours, peers, ModelCost.Read(path, kv), probe, progress, rounds, TimeSpan.FromSeconds(peerSeconds));
            IReadOnlyList<PointResult> results = await comparison.RunAsync(points, cancel);
            BenchReport report = new(
                name,
                await SourceTree.CommitAsync(cancel),
                TimeProvider.System.GetUtcNow(),
                MachineDescription.Read(),
                probe.Median,
                new List<IBenchSide> { ours }.Concat(peers).ToDictionary(s => s.Name, s => s.Details),
                results,
                comparison.Notes) { Device = ours.Device, Rounds = rounds };
            await WriteAsync(report, parse, points.Count == PointList.All.Count && peers.Count > 0, cancel);
            return 0;
        }
        finally
        {
            foreach (IBenchSide peer in peers)
            {
                await peer.DisposeAsync();
            }
        }
    }

    private static async Task WriteAsync(BenchReport report, ParseResult parse, bool whole, CancellationToken cancel)
    {
        foreach (string fact in ReportTable.Facts(report))
        {
            Console.WriteLine(fact);
        }

        Console.WriteLine();
        Console.Write(ReportTable.Plain(report));
        if (parse.GetValue(Json) is { } json)
        {
            await File.WriteAllTextAsync(json, ReportJson.Of(report), cancel);
        }

        if (whole || parse.GetResult(Save) is { Implicit: false })
        {
            Console.WriteLine($"written: {await ReportFiles.WriteAsync(report, parse.GetValue(Save) ?? ReportFiles.DefaultFolder(), cancel)}");
        }
    }
}
