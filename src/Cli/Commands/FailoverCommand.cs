using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using XLLM.Cli.Bench.Chaos;
using XLLM.Cli.Bench.Failover;
using XLLM.Cli.Bench.Reports;
using XLLM.Cli.Bench.Serve;
using XLLM.Cli.Cluster;
using XLLM.Cli.Cluster.State;
using XLLM.Cli.Hosting;
using XLLM.Cli.Terminal;

namespace XLLM.Cli.Commands;

/// <summary><c>xllm bench failover</c>: kill -9 of the engine that has a request, at each step of it.</summary>
internal static class FailoverCommand
{
    private const int Tries = 3;
    private static readonly Option<string?> Model = ModelOption.Create();
    private static readonly Option<int> Rounds = new("--rounds") { Description = "kills at each step", DefaultValueFactory = _ => 3 };
    private static readonly Option<int[]> Steps = new("--steps") { Description = "numbers of steps, 1..12; default all", AllowMultipleArgumentsPerToken = true };
    private static readonly Option<int> Output = new("--output-len") { Description = "tokens of an answer", DefaultValueFactory = _ => 3000 };
    private static readonly Option<int> Input = new("--input-len") { Description = "tokens of a prompt", DefaultValueFactory = _ => 300 };
    private static readonly Option<string> Membership = new("--membership") { Description = "postgres or file", DefaultValueFactory = _ => "postgres" };
    private static readonly Option<string[]> Set = new("--set") { Description = "a setting of every process", HelpName = "KEY=VALUE" };
    private static readonly Option<string?> Json = new("--json") { Description = "write the results to a file as JSON", HelpName = "FILE" };

    public static Command Create()
    {
        Command command = new("failover", "Kill an engine at each of a request's twelve steps; compares the answer and measures the gap.")
        {
            Model, Rounds, Steps, Output, Input, Membership, Set, Json,
        };
        command.SetAction((parse, cancel) => UserErrors.GuardAsync(() => RunAsync(parse, cancel)));
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parse, CancellationToken cancel)
    {
        (string name, string path) = await ModelOption.FindAsync(parse.GetValue(Model), cancel);
        int rounds = OptionChecks.AtLeastOne(parse.GetValue(Rounds), "--rounds");
        FailoverStep[] steps = [.. FailoverStep.All.Where(s => parse.GetValue(Steps) is not { Length: > 0 } some || some.Contains(s.Number))];
        ProgressLine line = new(Console.Error, !Console.IsErrorRedirected, TimeProvider.System);
        int total = rounds * steps.Length;
        IReadOnlyList<ChaosPrompt> prompts = await Undisturbed.AnswerAsync(Prompts(parse, Tries * total), name, path, () => { }, cancel);
        StateFolder folder = StateFolder.At(Path.Combine(Path.GetTempPath(), $"xllm-failover-{Environment.ProcessId}"));
        string faultFile = Path.Combine(folder.Root, "fault");
        Environment.SetEnvironmentVariable(FaultPoint.Variable, faultFile);
        ClusterSpec spec = await new ClusterStart(folder, Console.Error).UpAsync(Request(parse, name, path), TimeSpan.FromMinutes(5), cancel);
        try
        {
            ClusterFaults cluster = new(folder, spec, TimeProvider.System);
            FailoverRun run = new(folder, cluster, name, faultFile, TimeProvider.System);
            List<FailoverResult> results = [];
            foreach (FailoverStep step in steps)
            {
                for (int round = 0; round < rounds; round++)
                {
                    // A kill that met an engine without the request proves nothing: once more, with another prompt.
                    FailoverResult result;
                    int tries = 0;
                    do
                    {
                        result = await run.RunAsync(step, prompts[(Tries * results.Count) + tries], $"engine-{1 + (tries % 2)}", cancel);
                    }
                    while (result is { Hit: false, Error: null, Verdict: ChaosVerdict.Whole } && ++tries < Tries);
                    results.Add(result);
                    line.Report("kills", results.Count, total);
                }
            }

            line.EndLine();
            IReadOnlyList<string> unsound = await cluster.CheckIntegrityAsync(cancel);
            Console.WriteLine($"{name}, 2 engines, {MachineDescription.Read()}");
            Console.Write(FailoverTable.Of(results));
            Console.WriteLine(unsound.Count == 0 ? "integrity: clean" : "integrity: " + string.Join("; ", unsound));
            if (parse.GetValue(Json) is { } file)
            {
                await File.WriteAllTextAsync(file, Describe(results, unsound, name).ToJsonString(new JsonSerializerOptions { WriteIndented = true }) + "\n", cancel);
            }

            return results.All(r => r.Error is null && (r.Hit || !r.Step.MustMove) && r.Verdict == ChaosVerdict.Whole) && unsound.Count == 0 ? 0 : 1;
        }
        finally
        {
            await new ClusterStop(folder, Console.Error).DownAsync(CancellationToken.None);
        }
    }

    // Half of them are sampled, with a seed and a penalty.
    private static IReadOnlyList<ChaosPrompt> Prompts(ParseResult parse, int count) =>
    [
        .. Enumerable.Range(0, count).Select(i => new ChaosPrompt(
            RandomTokens.Make(OptionChecks.AtLeastOne(parse.GetValue(Input), "--input-len"), new Random(i)),
            OptionChecks.AtLeastOne(parse.GetValue(Output), "--output-len"), i % 2 == 0 ? 0 : 0.8, i, i % 2 == 0 ? 0 : 0.5)),
    ];

    private static ClusterRequest Request(ParseResult parse, string name, string path) => new()
    {
        Layout = EngineLayout.Of(2, null, null, auto: false),
        Port = 0,
        Membership = MembershipOption.Parse(parse.GetValue(Membership)!, null),
        KvBytes = 256 << 20,
        Model = path,
        ModelName = name,
        Settings = SettingOption.Texts(parse.GetValue(Set)),
    };

    private static JsonObject Describe(IReadOnlyList<FailoverResult> results, IReadOnlyList<string> unsound, string model) => new()
    {
        ["model"] = model,
        ["machine"] = MachineDescription.Read().ToString(),
        ["kills"] = new JsonArray([.. results.Select(r => (JsonNode)new JsonObject
        {
            ["step"] = r.Step.Number,
            ["name"] = r.Step.Name,
            ["killed"] = r.Killed,
            ["verdict"] = r.Verdict.ToString().ToLowerInvariant(),
            ["recovered"] = r.Moves.Recovered,
            ["replanned"] = r.Moves.Replanned,
            ["gap_s"] = r.GapSeconds,
            ["characters"] = r.Characters,
            ["error"] = r.Error,
        })]),
        ["integrity"] = new JsonArray([.. unsound.Select(f => (JsonNode)JsonValue.Create(f)!)]),
    };
}
