using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using XLLM.Cli.Bench;
using XLLM.Contracts.Ids;
using XLLM.Engine.Execution;
using XLLM.Engine.Loop;
using XLLM.Engine.Speculation;
using XLLM.Text.Tokenizers;

namespace XLLM.Cli.Commands;

/// <summary><c>xllm bench speculation</c>: decoding with and without drafts, the same tokens, in turns.</summary>
internal static class SpeculationBenchCommand
{
    public static Command Create()
    {
        Option<string?> model = ModelOption.Create();
        Option<SpeculationMethod> method = new("--method") { Description = "where drafts come from", DefaultValueFactory = _ => SpeculationMethod.Suffix };
        Option<string?> draft = new("--draft-model") { Description = "the draft model of --method draft", HelpName = "NAME|PATH" };
        Option<string> streams = new("--streams") { Description = "requests at a time, e.g. 1,4,16", DefaultValueFactory = _ => "1,4,16" };
        Option<string> texts = new("--texts") { Description = "of repetitive, chat, prose", DefaultValueFactory = _ => "repetitive,prose" };
        Option<int> decode = new("--decode") { Description = "tokens each request decodes", DefaultValueFactory = _ => 192 };
        Option<int> rounds = new("--rounds") { Description = "rounds; the median counts", DefaultValueFactory = _ => 3 };
        Option<int> most = new("--max-draft-tokens") { Description = "longest draft", DefaultValueFactory = _ => new SpeculationOptions().MaxDraftTokens };
        Option<double> rowCost = new("--row-cost")
        {
            Description = "cost of a row and of a guess as a share of a step, e.g. 0.01 to draft always; 0 = as measured while decoding",
        };
        Option<int> threads = new("--threads") { Description = "kernel threads; 0 = the cores granted to the process" };
        Option<string?> json = new("--json") { Description = "write the results to a file as JSON", HelpName = "FILE" };
        Command command = new("speculation", "Decode speed with speculation against without, interleaved; checks that the tokens are equal.")
        {
            model, method, draft, streams, texts, decode, rounds, most, rowCost, threads, json,
        };
        command.SetAction((parse, cancel) => UserErrors.GuardAsync(async () =>
        {
            (string name, string path) = await ModelOption.FindAsync(parse.GetValue(model), cancel);
            string? draftPath = parse.GetValue(draft) is { } given ? (await ModelOption.FindAsync(given, cancel)).Path : null;
            if (draftPath is not null)
            {
                VocabularyMatch.Check(path, draftPath);
            }

            int[] counts = [.. parse.GetRequiredValue(streams).Split(',').Select(ParseCount)];
            int rows = counts.Max() + 64;
            ModelRunner Load(string from, int? threadCount) => ModelLoader.Load(
                from, new ModelOptions { Threads = threadCount ?? parse.GetValue(threads), MaxTokens = Math.Max(512, rows), MaxOutputs = rows });
            EngineLoop Start(SpeculationMethod its) => EngineLoop.Start(
                InstanceId.Of("bench", its.ToString()), 1, Load(path, null),
                new EngineLoopOptions
                {
                    MaxRunning = counts.Max(),
                    MaxBatchTokens = Math.Max(512, rows),
                    Speculation = new SpeculationOptions
                    {
                        Method = its, MaxDraftTokens = parse.GetValue(most), RowCost = parse.GetValue(rowCost),
                    },
                },
                TimeProvider.System, NullLogger.Instance,
                its == SpeculationMethod.Draft && draftPath is not null ? Load(draftPath, 1) : null);
            await using EngineLoop plain = Start(SpeculationMethod.Off);
            await using EngineLoop speculating = Start(parse.GetValue(method));
            Tokenizer tokenizer = TokenizerLoader.Load(path);

            Console.WriteLine($"{name}  {plain.Descriptor.Device}  {parse.GetValue(method).ToString().ToLowerInvariant()}");
            using (ModelRunner runner = Load(path, null))
            {
                foreach (int count in counts)
                {
                    Console.WriteLine(new VerifyCost(runner, TimeProvider.System, Math.Min(256, runner.Model.ContextLength / 2)).Describe(count, 15));
                }
            }

            // What is compiled meanwhile takes cores from the kernels.
            int[] warmUp = [.. Enumerable.Range(0, 32).Select(i => 5 + (i % 8))];
            foreach (EngineLoop engine in new[] { plain, speculating, plain, speculating })
            {
                await new SpeculationBench(engine, TimeProvider.System).RunAsync([warmUp, warmUp], 64, 1, cancel);
            }

            Console.WriteLine("text        streams      plain   with drafts    gain   steps saved  drafted  accepted  tokens");
            List<object> results = [];
            foreach (string text in parse.GetRequiredValue(texts).Split(','))
            {
                int first = 0;
                foreach (int count in counts)
                {
                    List<SpeculationPoint> without = [];
                    List<SpeculationPoint> with = [];
                    for (int round = 0; round < Math.Max(1, parse.GetValue(rounds)); round++)
                    {
                        // No prompt comes twice: else past responses would be perfect drafts.
                        int[][] prompts =
                            [.. Enumerable.Range(first, count).Select(i => tokenizer.EncodeToIds(SpeculationTexts.Of(text, i)).ToArray())];
                        int? seed = SpeculationTexts.IsGreedy(text) ? null : first;
                        first += count;
                        async Task Run(EngineLoop engine, List<SpeculationPoint> points) => points.Add(
                            await new SpeculationBench(engine, TimeProvider.System).RunAsync(prompts, parse.GetValue(decode), seed, cancel));

                        await Run(round % 2 == 0 ? plain : speculating, round % 2 == 0 ? without : with);
                        await Run(round % 2 == 0 ? speculating : plain, round % 2 == 0 ? with : without);
                    }

                    results.Add(Print(text, count, without, with));
                }
            }

            if (parse.GetValue(json) is { } file)
            {
                await using FileStream stream = File.Create(file);
                await JsonSerializer.SerializeAsync(
                    stream, new { model = name, device = plain.Descriptor.Device, method = parse.GetValue(method).ToString(), results },
                    new JsonSerializerOptions { WriteIndented = true }, cancel);
            }

            return 0;
        }));
        return command;
    }

    private static object Print(string text, int streams, List<SpeculationPoint> without, List<SpeculationPoint> with)
    {
        double plain = Median(without.Select(p => p.TokensPerSecond));
        double speed = Median(with.Select(p => p.TokensPerSecond));
        bool equal = without.Zip(with).All(round => round.First.Output == round.Second.Output);
        long drafted = with.Sum(p => p.DraftTokens);
        double accepted = drafted == 0 ? 0 : (double)with.Sum(p => p.Accepted) / drafted;
        double perStep = (double)without.Sum(p => p.Steps) / Math.Max(1, with.Sum(p => p.Steps));
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{text,-11} {streams,7} {plain,10:0.0} {speed,13:0.0} {speed / plain,6:0.00}x {perStep,11:0.00}x {drafted / with.Count,8} {accepted,8:0 %}  {(equal ? "equal" : "DIFFERENT")}"));
        return new { text, streams, plain, speed, gain = speed / plain, drafted = drafted / with.Count, accepted, equal };
    }

    private static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted[sorted.Length / 2];
    }

    private static int ParseCount(string text) => int.TryParse(text, CultureInfo.InvariantCulture, out int count) && count is >= 1 and <= 256
        ? count
        : throw new ArgumentException($"--streams has '{text}'; numbers from 1 to 256 with commas between were expected, e.g. 1,4,16.");
}
