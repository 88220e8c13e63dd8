using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using XLLM.Cli.Bench.Chaos;
using XLLM.Cli.Bench.Reports;
using XLLM.Cli.Cluster;
using XLLM.Cli.Cluster.State;
using XLLM.Cli.Terminal;

namespace XLLM.Cli.Commands;

/// <summary><c>xllm bench chaos</c>: a cluster of its own, a load, and faults by a seed.</summary>
internal static class ChaosCommand
{
    private static readonly Option<string?> Model = ModelOption.Create();
    private static readonly Option<double> Minutes = new("--minutes") { Description = "how long requests are sent", DefaultValueFactory = _ => 10 };
    private static readonly Option<double> Rate = new("--rate") { Description = "requests a second, Poisson", DefaultValueFactory = _ => 20 };
    private static readonly Option<int> Seed = new("--seed") { Description = "of everything drawn: it replays a run", DefaultValueFactory = _ => 1 };
    private static readonly Option<int> Engines = new("--engines") { Description = "engine processes", DefaultValueFactory = _ => 4 };
    private static readonly Option<int?> Prefill = new("--prefill") { Description = "engines that only prefill; with --decode a fixed split" };
    private static readonly Option<int?> Decode = new("--decode") { Description = "engines that only decode" };
    private static readonly Option<int> Gateways = new("--gateways") { Description = "gateway processes", DefaultValueFactory = _ => 2 };
    private static readonly Option<double> Gap = new("--mean-gap") { Description = "mean seconds between two faults", DefaultValueFactory = _ => 10 };

    private static readonly Option<string[]> Faults = new("--faults")
    {
        Description = "kinds: " + string.Join(", ", Enum.GetNames<FaultKind>()) + "; default all that can be made here; none = none",
        AllowMultipleArgumentsPerToken = true,
    };

    private static readonly Option<int> Prompts = new("--prompts") { Description = "different prompts", DefaultValueFactory = _ => 64 };
    private static readonly Option<int> MaxInput = new("--max-input-len") { Description = "most tokens of a prompt", DefaultValueFactory = _ => 400 };
    private static readonly Option<int> MaxOutput = new("--max-output-len") { Description = "most tokens of an answer", DefaultValueFactory = _ => 80 };
    private static readonly Option<string> Membership = new("--membership") { Description = "postgres or file", DefaultValueFactory = _ => "postgres" };
    private static readonly Option<string[]> Set = new("--set") { Description = "a setting of every process", HelpName = "KEY=VALUE" };
    private static readonly Option<string?> State = new("--state") { Description = "folder of the cluster; default: a temporary one", HelpName = "DIR" };
    private static readonly Option<string?> Json = new("--json") { Description = "write the results to a file as JSON", HelpName = "FILE" };

    public static Command Create()
    {
        Command command = new("chaos", "Faults on a cluster under load; every answer is compared with that of an undisturbed server.")
        {
            Model, Minutes, Rate, Seed, Engines, Prefill, Decode, Gateways, Gap, Faults, Prompts, MaxInput, MaxOutput, Membership, Set,
            State, Json,
        };
        command.SetAction((parse, cancel) => UserErrors.GuardAsync(() => RunAsync(parse, cancel)));
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parse, CancellationToken cancel)
    {
        double seconds = 60 * OptionChecks.Between(parse.GetValue(Minutes), 0.01, 1e4, "--minutes");
        double rate = OptionChecks.Between(parse.GetValue(Rate), 0.01, 1e4, "--rate");
        double gap = OptionChecks.Between(parse.GetValue(Gap), 0.1, 1e6, "--mean-gap");
        int seed = parse.GetValue(Seed);
        (string name, string path) = await ModelOption.FindAsync(parse.GetValue(Model), cancel);
        ProgressLine line = new(Console.Error, !Console.IsErrorRedirected, TimeProvider.System);
        IReadOnlyList<ChaosPrompt> prompts = ChaosPrompts.Make(
            OptionChecks.AtLeastOne(parse.GetValue(Prompts), "--prompts"),
            (int)OptionChecks.Between(parse.GetValue(MaxInput), 32, 1 << 20, "--max-input-len"),
            (int)OptionChecks.Between(parse.GetValue(MaxOutput), 16, 1 << 20, "--max-output-len"),
            seed);
        int answered = 0;
        prompts = await Undisturbed.AnswerAsync(
            prompts, name, path, () => line.Report("undisturbed", Interlocked.Increment(ref answered), prompts.Count), cancel);
        line.EndLine();
        StateFolder folder = StateFolder.At(parse.GetValue(State) ?? Path.Combine(Path.GetTempPath(), $"xllm-chaos-{Environment.ProcessId}"));
        ClusterSpec spec = await new ClusterStart(folder, Console.Error).UpAsync(Request(parse, name, path), TimeSpan.FromMinutes(5), cancel);
        try
        {
            ClusterFaults target = new(folder, spec, TimeProvider.System);
            IReadOnlyList<Fault> faults = FaultPlan.Make(seed, seconds, target.Engines, Kinds(parse, target), gap);
            int ended = 0;
            int failed = 0;
            ChaosReport report = await new ChaosRun(target, prompts, name, TimeProvider.System).RunAsync(
                seconds, rate, seed, faults,
                error =>
                {
                    Interlocked.Add(ref failed, error is null ? 0 : 1);
                    line.Report($"requests ({Volatile.Read(ref failed)} failed)", Interlocked.Increment(ref ended), (long)(seconds * rate) + faults.Count);
                },
                cancel);
            line.EndLine();
            await target.WhenWholeAsync(TimeSpan.FromMinutes(1), cancel);
            IReadOnlyList<string> unsound = await target.CheckIntegrityAsync(cancel);
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{name}, {target.Engines} engines, {target.Gateways.Count} gateways, {rate} requests/s, seed {seed}, {MachineDescription.Read()}"));
            Console.Write(report);
            Console.WriteLine(unsound.Count == 0 ? "integrity: clean" : "integrity: " + string.Join("; ", unsound));
            if (parse.GetValue(Json) is { } file)
            {
                await File.WriteAllTextAsync(file, Describe(report, unsound, name, seed, rate, target).ToJsonString(new JsonSerializerOptions { WriteIndented = true }) + "\n", cancel);
            }

            return report.Count(ChaosVerdict.Whole) == report.Answers.Count && unsound.Count == 0 ? 0 : 1;
        }
        finally
        {
            await new ClusterStop(folder, Console.Error).DownAsync(CancellationToken.None);
        }
    }

    private static ClusterRequest Request(ParseResult parse, string name, string path) => new()
    {
        Layout = EngineLayout.Of(
            parse.GetValue(Prefill) is null ? OptionChecks.AtLeastOne(parse.GetValue(Engines), "--engines") : null,
            parse.GetValue(Prefill), parse.GetValue(Decode), auto: false),
        Gateways = OptionChecks.AtLeastOne(parse.GetValue(Gateways), "--gateways"),
        Port = 0,
        Membership = MembershipOption.Parse(parse.GetValue(Membership)!, null),
        KvBytes = 256 << 20,
        Model = path,
        ModelName = name,
        Settings = SettingOption.Texts(parse.GetValue(Set)),
    };

    private static IReadOnlyList<FaultKind> Kinds(ParseResult parse, IFaultTarget target)
    {
        string[] wanted = [.. (parse.GetValue(Faults) ?? []).SelectMany(f => f.Split(',', StringSplitOptions.RemoveEmptyEntries))];
        if (wanted is ["none"])
        {
            return [];
        }

        List<FaultKind> kinds = [];
        foreach (FaultKind kind in wanted.Length == 0 ? Enum.GetValues<FaultKind>() : wanted.Select(Parse))
        {
            if (target.WhyNot(kind) is not { } why)
            {
                kinds.Add(kind);
            }
            else if (wanted.Length > 0)
            {
                throw new ArgumentException($"{kind} cannot be made here: {why}.");
            }
            else
            {
                Console.Error.WriteLine($"left out: {kind}, as {why}");
            }
        }

        return kinds;
    }

    private static FaultKind Parse(string text) => Enum.TryParse(text, ignoreCase: true, out FaultKind kind) && Enum.IsDefined(kind)
        ? kind
        : throw new ArgumentException($"--faults has '{text}'; kinds are {string.Join(", ", Enum.GetNames<FaultKind>())}, or none.");

    private static JsonObject Describe(
        ChaosReport report, IReadOnlyList<string> unsound, string model, int seed, double rate, IFaultTarget target)
    {
        JsonObject json = report.ToJson();
        json["model"] = model;
        json["machine"] = MachineDescription.Read().ToString();
        json["engines"] = target.Engines;
        json["gateways"] = target.Gateways.Count;
        json["rate"] = rate;
        json["seed"] = seed;
        json["integrity"] = new JsonArray([.. unsound.Select(f => (JsonNode)f)]);
        return json;
    }
}
