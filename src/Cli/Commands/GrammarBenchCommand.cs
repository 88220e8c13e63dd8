using System.CommandLine;
using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using XLLM.Cli.Bench.Loop;
using XLLM.Cli.Bench.Streams;
using XLLM.Contracts.Ids;
using XLLM.Contracts.Requests;
using XLLM.Engine.Execution;
using XLLM.Engine.Loop;
using XLLM.Engine.Structures;
using XLLM.Grammar;
using XLLM.Text.Tokenizers;
using XLLM.Verification;

namespace XLLM.Cli.Commands;

/// <summary><c>xllm bench grammar</c>: what keeping a JSON Schema costs a decode step.</summary>
internal static class GrammarBenchCommand
{
    private const int PromptTokens = 32;

    // At least 12 records, so that no output ends while it is measured.
    private const string Schema = """
        {"type":"array","minItems":12,"items":{"type":"object","properties":{"id":{"type":"integer","minimum":0,"maximum":9999},
        "name":{"type":"string","maxLength":24},"kind":{"enum":["red","green","blue"]},"note":{"type":"string"},"ok":{"type":"boolean"}},
        "required":["id","name","kind"],"additionalProperties":false}}
        """;

    public static Command Create()
    {
        Option<string?> model = ModelOption.Create();
        Option<int[]> streams = new("--streams") { Description = "requests that decode together", DefaultValueFactory = _ => [1, 16] };
        Option<int> tokens = new("--tokens") { Description = "tokens each of them decodes", DefaultValueFactory = _ => 96 };
        Option<int> rounds = new("--rounds") { Description = "rounds of both kinds, interleaved", DefaultValueFactory = _ => 5 };
        Option<int> threads = new("--threads") { Description = "kernel threads; 0 = the cores granted to the process" };
        Command command = new("grammar", "Decoding with a JSON Schema against decoding without, interleaved.")
        {
            model, streams, tokens, rounds, threads,
        };
        command.SetAction((parse, cancel) => UserErrors.GuardAsync(async () =>
        {
            (string name, string path) = await ModelOption.FindAsync(parse.GetValue(model), cancel);
            int[] counts = [.. (parse.GetValue(streams) ?? [1, 16]).Select(c => Math.Clamp(c, 1, 512))];
            int most = Math.Max(64, counts.Max());
            Tokenizer tokenizer = TokenizerLoader.Load(path);
            await using EngineLoop engine = EngineLoop.Start(
                InstanceId.Of("bench", "cpu0"), 1,
                ModelLoader.Load(
                    path,
                    new ModelOptions { Name = name, MaxTokens = 512, MaxOutputs = most, Threads = parse.GetValue(threads) },
                    cancellation: cancel),
                new EngineLoopOptions { MaxRunning = most }, TimeProvider.System, NullLogger.Instance,
                structures: new OutputStructures(new GrammarCache(), () => SchemaVerifier.VocabularyOf(tokenizer)));
            foreach (int count in counts)
            {
                await CompareAsync(engine, count, parse.GetValue(tokens), parse.GetValue(rounds), cancel);
            }

            return 0;
        }));
        return command;
    }

    private static async Task CompareAsync(EngineLoop engine, int streams, int tokens, int rounds, CancellationToken cancel)
    {
        OutputStructure structure = OutputStructure.JsonSchema(Schema);
        using HistogramProbe masks = new("xllm.engine.grammar_mask_duration", "masks worked out");
        List<(double Speed, double Step)> with = [], without = [];
        for (int round = 0; round <= rounds; round++)
        {
            LoopBench free = new(engine, TimeProvider.System, round) { MoreTokens = 1_024 };
            LoopBench kept = new(engine, TimeProvider.System, round) { MoreTokens = 1_024, Structure = structure };
            (double, double) one = await MeasureAsync(free, streams, tokens, cancel);
            (double, double) other = await MeasureAsync(kept, streams, tokens, cancel);

            // The first round warms both.
            if (round > 0)
            {
                without.Add(one);
                with.Add(other);
            }
        }

        double freeStep = Median(without.Select(r => r.Step)), keptStep = Median(with.Select(r => r.Step));
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{streams,3} streams: median step (model, drawing, gap) {freeStep * 1e6:0} us free, {keptStep * 1e6:0} us with a schema: "
            + $"{keptStep / freeStep:0.000} of the time; {Median(without.Select(r => r.Speed)):0} and {Median(with.Select(r => r.Speed)):0} tokens/s; "
            + $"{masks.Describe()}"));
    }

    private static async Task<(double Speed, double Step)> MeasureAsync(LoopBench bench, int streams, int tokens, CancellationToken cancel)
    {
        using HistogramProbe steps = new(HistogramProbe.Step), draws = new(HistogramProbe.Sampling), gaps = new();
        double speed = await bench.DecodeAsync(streams, PromptTokens, tokens, cancel);
        return (speed, steps.Median() + draws.Median() + gaps.Median());
    }

    private static double Median(IEnumerable<double> values) => values.Order().ElementAt(values.Count() / 2);
}
