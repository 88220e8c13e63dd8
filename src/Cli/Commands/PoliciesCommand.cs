using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using XLLM.Cli.Bench.Policies;
using XLLM.Cli.Bench.Reports;
using XLLM.Cli.Bench.Serve;
using XLLM.Cli.Cluster;
using XLLM.Cli.Cluster.State;
using XLLM.Cli.Terminal;

namespace XLLM.Cli.Commands;

/// <summary><c>xllm bench policies</c>: the same load on clusters that differ in roles and routing policy.</summary>
internal static class PoliciesCommand
{
    private static readonly Option<string?> Model = ModelOption.Create();
    private static readonly Option<int> Engines = new("--engines") { Description = "engine processes, at least 2", DefaultValueFactory = _ => 4 };

    private static readonly Option<string[]> Policies = new("--policies")
    {
        Description = "cases: " + string.Join(", ", PolicyCase.Known.Select(c => c.Name)) + "; default all", AllowMultipleArgumentsPerToken = true,
    };

    private static readonly Option<string> Dataset = new("--dataset") { Description = "a trace: Azure's csv or Mooncake's jsonl", Required = true, HelpName = "FILE" };
    private static readonly Option<int> Prompts = new("--num-prompts") { Description = "requests of the trace, from its start", DefaultValueFactory = _ => 200 };

    private static readonly Option<string[]> Rates = new("--rates")
    {
        Description = "mean requests a second; the trace's times are stretched to give them", AllowMultipleArgumentsPerToken = true,
        DefaultValueFactory = _ => ["2", "4", "6"],
    };

    private static readonly Option<double> Scale = new("--trace-length-scale") { Description = "the trace's lengths are multiplied by it", DefaultValueFactory = _ => 1 };
    private static readonly Option<int> MaxInput = new("--max-input-len") { Description = "longer prompts are cut", DefaultValueFactory = _ => 4096 };
    private static readonly Option<int> MaxOutput = new("--max-output-len") { Description = "longer outputs are cut", DefaultValueFactory = _ => 1024 };
    private static readonly Option<double> Ttft = new("--ttft") { Description = "objective: first token, ms", DefaultValueFactory = _ => 2000 };
    private static readonly Option<double> Tpot = new("--tpot") { Description = "objective: mean time of a later token, ms", DefaultValueFactory = _ => 100 };
    private static readonly Option<int> Rounds = new("--rounds")
    {
        Description = "times everything is measured, each time on new clusters, the cases in turn; results are of all together", DefaultValueFactory = _ => 1,
    };

    private static readonly Option<int> Seed = new("--seed") { Description = "of the prompts' tokens", DefaultValueFactory = _ => 1 };
    private static readonly Option<string> Membership = new("--membership") { Description = "postgres or file", DefaultValueFactory = _ => "file" };
    private static readonly Option<string[]> Set = new("--set") { Description = "a setting of every process", HelpName = "KEY=VALUE" };
    private static readonly Option<string?> Save = new("--save") { Description = "write JSON, Markdown and a chart to this folder", HelpName = "DIR" };

    public static Command Create()
    {
        Command command = new("policies", "One trace on clusters with different routing policies: share of requests within their objectives.")
        {
            Model, Engines, Policies, Dataset, Prompts, Rates, Scale, MaxInput, MaxOutput, Ttft, Tpot, Rounds, Seed, Membership, Set, Save,
        };
        command.SetAction((parse, cancel) => UserErrors.GuardAsync(() => RunAsync(parse, cancel)));
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parse, CancellationToken cancel)
    {
        (string name, string path) = await ModelOption.FindAsync(parse.GetValue(Model), cancel);
        IReadOnlyList<PolicyCase> cases = parse.GetValue(Policies) is { Length: > 0 } names
            ? [.. names.SelectMany(n => n.Split(',')).Select(PolicyCase.Find)]
            : PolicyCase.Known;
        double[] rates = [.. parse.GetValue(Rates)!.SelectMany(r => r.Split(',')).Select(ParseRate)];
        IReadOnlyList<TraceEntry> trace = TraceFile.Read(
            parse.GetRequiredValue(Dataset), OptionChecks.AtLeastOne(parse.GetValue(Prompts), "--num-prompts"));
        int rounds = OptionChecks.AtLeastOne(parse.GetValue(Rounds), "--rounds");
        List<PolicyPoint> points = [];
        for (int round = 0; round < rounds; round++)
        {
            foreach (PolicyCase one in cases)
            {
                foreach (PolicyPoint point in await MeasureAsync(parse, one, name, path, trace, rates, round, cancel))
                {
                    int known = points.FindIndex(p => p.Case == point.Case && p.Rate == point.Rate);
                    if (known < 0)
                    {
                        points.Add(point);
                    }
                    else
                    {
                        points[known] = points[known].And(point);
                    }
                }
            }
        }

        string title = $"{name}: requests within TTFT {parse.GetValue(Ttft)} ms and TPOT {parse.GetValue(Tpot)} ms";
        string facts = string.Create(
            CultureInfo.InvariantCulture,
            $"{parse.GetValue(Engines)} engines, first {trace.Count} requests of {Path.GetFileName(parse.GetRequiredValue(Dataset))}, lengths times {parse.GetValue(Scale)}; {MachineDescription.Read().Cpu}, {Environment.ProcessorCount} cores");
        Console.WriteLine(title);
        Console.WriteLine(facts);
        Console.Write(PolicyTable.Of(points));
        Console.Write(PolicyTable.Reasons(points));
        if (parse.GetValue(Save) is { } folder)
        {
            await WriteAsync(folder, title, facts, points, cancel);
        }

        return points.All(p => p.Report.FailedCount == 0) ? 0 : 1;
    }

    private static async Task<IReadOnlyList<PolicyPoint>> MeasureAsync(
        ParseResult parse, PolicyCase one, string name, string path, IReadOnlyList<TraceEntry> trace, double[] rates, int round,
        CancellationToken cancel)
    {
        List<PolicyPoint> points = [];
        StateFolder folder = StateFolder.At(Path.Combine(Path.GetTempPath(), $"xllm-policies-{Environment.ProcessId}-{one.Name}"));
        ClusterSpec spec = await new ClusterStart(folder, TextWriter.Null).UpAsync(Request(parse, one, name, path), TimeSpan.FromMinutes(5), cancel);
        try
        {
            using SocketsHttpHandler handler = new() { MaxConnectionsPerServer = 4096 };
            using HttpClient http = new(handler) { BaseAddress = new Uri(spec.Urls.First() + "/"), Timeout = Timeout.InfiniteTimeSpan };
            ServeClient client = new(http, name, ServeBackend.Completions, ignoreEos: true);
            await new ServeBench(client, null, TimeProvider.System).RunAsync(WarmUp(parse, trace, rates), Levels(parse), () => { }, cancel);
            foreach (double rate in rates)
            {
                RouterFacts before = await RouterFacts.ReadAsync(http, cancel);

                // Prompts of their own at every point: what an earlier one left in the prefix caches must not help. The same for all cases.
                IReadOnlyList<ServeRequest> load = Load(parse, trace, rate, (rates.Length * round) + points.Count);
                ProgressLine line = new(Console.Error, !Console.IsErrorRedirected, TimeProvider.System);
                int ended = 0;
                ServeReport report = await new ServeBench(client, null, TimeProvider.System).RunAsync(
                    load, Levels(parse), () => line.Report($"{one.Name} at {rate}/s", Interlocked.Increment(ref ended), load.Count), cancel);
                line.EndLine();
                points.Add(new PolicyPoint(one.Name, rate, report, (await RouterFacts.ReadAsync(http, cancel)).Since(before)));
            }

            return points;
        }
        finally
        {
            await new ClusterStop(folder, TextWriter.Null).DownAsync(CancellationToken.None);
        }
    }

    private static ServiceLevels Levels(ParseResult parse) => new(parse.GetValue(Ttft) / 1000, parse.GetValue(Tpot) / 1000, null);

    // What is done once for the first requests (compiling, filling caches of code) is no policy's, nor is what predictors learn then.
    private static IReadOnlyList<ServeRequest> WarmUp(ParseResult parse, IReadOnlyList<TraceEntry> trace, double[] rates)
    {
        IReadOnlyList<ServeRequest> load = Load(parse, trace, rates.Min(), -1);
        return [.. load.Take(8 * parse.GetValue(Engines)).Select((r, i) => r with { Arrival = 0.1 * i, OutputTokens = Math.Min(16, r.OutputTokens) })];
    }

    private static IReadOnlyList<ServeRequest> Load(ParseResult parse, IReadOnlyList<TraceEntry> trace, double rate, int point)
    {
        double own = trace.Count / Math.Max(1e-9, trace[^1].Seconds);
        return new TraceDataset(
            trace,
            rate / own,
            OptionChecks.Between(parse.GetValue(Scale), 1e-6, 1e3, "--trace-length-scale"),
            OptionChecks.AtLeastOne(parse.GetValue(MaxInput), "--max-input-len"),
            OptionChecks.AtLeastOne(parse.GetValue(MaxOutput), "--max-output-len")).Make(parse.GetValue(Seed) + (1_000 * point));
    }

    private static ClusterRequest Request(ParseResult parse, PolicyCase one, string name, string path)
    {
        Dictionary<string, string> settings = SettingOption.Texts(parse.GetValue(Set));
        settings["Silo:Routing:Policy"] = one.Policy;
        settings["Silo:Routing:TtftSeconds"] = Text(parse.GetValue(Ttft) / 1000);
        settings["Silo:Routing:TpotSeconds"] = Text(parse.GetValue(Tpot) / 1000);
        int engines = parse.GetValue(Engines);
        return new ClusterRequest
        {
            Layout = engines >= 2 ? one.Layout(engines) : throw new ArgumentException($"--engines is {engines}; a comparison needs at least 2."),
            Port = 0,
            Membership = MembershipOption.Parse(parse.GetValue(Membership)!, null),
            Model = path,
            ModelName = name,
            Settings = settings,
        };
    }

    private static async Task WriteAsync(string folder, string title, string facts, IReadOnlyList<PolicyPoint> points, CancellationToken cancel)
    {
        Directory.CreateDirectory(folder);
        string commit = await SourceTree.CommitAsync(cancel);
        string stem = $"{DateTime.UtcNow.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)}-policies-{commit}";
        string file = Path.Combine(folder, stem);
        string command = "./xllm " + string.Join(' ', Environment.GetCommandLineArgs().Skip(1).Select(a => Path.IsPathRooted(a) ? Path.GetFileName(a) : a));
        JsonObject json = new()
        {
            ["title"] = title,
            ["facts"] = facts,
            ["commit"] = commit,
            ["command"] = command,
            ["points"] = new JsonArray([.. points.Select(p => (JsonNode)p.ToJson())]),
        };
        await File.WriteAllTextAsync(file + ".json", json.ToJsonString(new JsonSerializerOptions { WriteIndented = true }) + "\n", cancel);
        await File.WriteAllTextAsync(file + ".svg", PolicyChart.Of(points, title, facts), cancel);
        await File.WriteAllTextAsync(file + ".md", $"# {title}\n\n{facts}, commit {commit}.\n\n{PolicyTable.Of(points)}\n{PolicyTable.Reasons(points)}\n![attainment over rate]({stem}.svg)\n\n{command}\n", cancel);
        Console.WriteLine($"written to {file}.md");
    }

    private static double ParseRate(string text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double rate) && rate > 0 && double.IsFinite(rate)
            ? rate
            : throw new ArgumentException($"--rates has '{text}'; each must be above 0.");

    private static string Text(double value) => value.ToString("R", CultureInfo.InvariantCulture);
}
