using System.CommandLine;
using System.Globalization;
using XLLM.Cli.Bench;
using XLLM.Engine.Execution;

namespace XLLM.Cli.Commands;

/// <summary><c>xllm bench graph</c>: decode steps op by op, eager, piecewise and full.</summary>
internal static class GraphBenchCommand
{
    private static readonly StepMode[] Modes = [StepMode.OpByOp, StepMode.Eager, StepMode.Piecewise, StepMode.Full];

    public static Command Create()
    {
        Option<string?> model = ModelOption.Create();
        Option<int> context = new("--context") { Description = "tokens before the step", DefaultValueFactory = _ => 64 };
        Option<int> rounds = new("--rounds") { Description = "rounds of every mode", DefaultValueFactory = _ => 7 };
        Option<int> steps = new("--steps") { Description = "steps of a mode in a round", DefaultValueFactory = _ => 100 };
        Option<int> threads = new("--threads") { Description = "kernel threads; 0 = the cores granted to the process" };
        Command command = new("graph", "Time of a decode step by how its ops are dispatched.")
        {
            model, context, rounds, steps, threads,
        };
        command.SetAction((parse, cancel) => UserErrors.GuardAsync(async () =>
        {
            (string name, string path) = await ModelOption.FindAsync(parse.GetValue(model), cancel);
            int tokens = AtLeastOne(parse.GetValue(context), "--context");
            int[] counts = [1, 4, 16];
            ModelOptions options = new()
            {
                Name = name,
                Threads = parse.GetValue(threads),
                MaxOutputs = counts[^1],
                KvBlocks = counts[^1] * ((tokens / 16) + 2),
            };
            using ModelRunner runner = ModelLoader.Load(path, options, cancellation: cancel);
            Console.WriteLine($"{name}  {runner.Device}  context {tokens}");
            Console.WriteLine("streams  mode        median us      p10      p90   op by op / this");
            GraphBench bench = new(runner, TimeProvider.System, tokens);
            foreach (int streams in counts)
            {
                int times = AtLeastOne(parse.GetValue(rounds), "--rounds");
                Print(streams, bench.Measure(streams, times, AtLeastOne(parse.GetValue(steps), "--steps"), Modes));
                float[] wanted = bench.Logits(streams, StepMode.OpByOp);
                foreach (StepMode mode in Modes)
                {
                    if (!bench.Logits(streams, mode).AsSpan().SequenceEqual(wanted))
                    {
                        throw new InvalidOperationException($"Mode {mode} gives other logits than {StepMode.OpByOp}.");
                    }
                }
            }

            StepGraphCounts graphs = runner.GraphCounts;
            Console.WriteLine($"graphs recorded: {graphs.Records}; barriers of the last: {graphs.Barriers}");
            return 0;
        }));
        return command;
    }

    private static void Print(int streams, Dictionary<StepMode, double[]> times)
    {
        double slowest = Median(times[StepMode.OpByOp]);
        foreach (StepMode mode in Modes)
        {
            double[] t = times[mode];
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{streams,7}  {mode,-10} {Median(t),10:0.0} {t[t.Length / 10],8:0.0} {t[t.Length * 9 / 10],8:0.0}"
                + $"   {slowest / Median(t),8:0.00}"));
        }
    }

    private static double Median(double[] ordered) => ordered[ordered.Length / 2];

    private static int AtLeastOne(int value, string option) =>
        value >= 1 ? value : throw new ArgumentException($"{option} is {value}; it must be at least 1.");
}
