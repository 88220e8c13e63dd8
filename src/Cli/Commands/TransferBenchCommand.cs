using System.CommandLine;
using XLLM.Cli.Bench.Transfer;

namespace XLLM.Cli.Commands;

/// <summary><c>xllm bench transfer</c>: what moving KV between engines costs.</summary>
internal static class TransferBenchCommand
{
    private const int Fetches = 400;

    private static readonly Option<long> Bytes = new("--bytes")
    {
        Description = "bytes of a push", DefaultValueFactory = _ => 512L << 20,
    };

    private static readonly Option<long> BlockBytes = new("--block-bytes")
    {
        Description = "bytes of a block in all layers", DefaultValueFactory = _ => 512 << 10,
    };

    private static readonly Option<int> Layers = new("--layers")
    {
        Description = "layers of a block", DefaultValueFactory = _ => 16,
    };

    private static readonly Option<int> FrameBytes = new("--frame-bytes")
    {
        Description = "bytes of a data frame", DefaultValueFactory = _ => 256 << 10,
    };

    private static readonly Option<int> Rounds = new("--rounds")
    {
        Description = "rounds; the medians count", DefaultValueFactory = _ => 9,
    };

    private static readonly Option<string?> Save = new("--save", "--json")
    {
        Description = "write the results to a file as JSON", HelpName = "FILE",
    };

    public static Command Create()
    {
        Command command = new("transfer", "Moving KV blocks between two engines over TCP, beside a plain copy of the same bytes.")
        {
            Bytes, BlockBytes, Layers, FrameBytes, Rounds, Save,
        };
        command.SetAction((parse, cancel) => UserErrors.GuardAsync(() => RunAsync(parse, cancel)));
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parse, CancellationToken cancel)
    {
        int layers = (int)OptionChecks.Between(parse.GetValue(Layers), 1, 1024, "--layers");
        long block = (long)OptionChecks.Between(parse.GetValue(BlockBytes), layers, 64 << 20, "--block-bytes") / layers * layers;
        long bytes = (long)OptionChecks.Between(parse.GetValue(Bytes), block, Math.Min(8L << 30, 8192 * block), "--bytes");
        int frame = (int)OptionChecks.Between(parse.GetValue(FrameBytes), 4 << 10, 16 << 20, "--frame-bytes");
        int rounds = OptionChecks.AtLeastOne(parse.GetValue(Rounds), "--rounds");
        await using TransferBench bench = new(new TransferBenchOptions(bytes, block, layers, frame));

        // Once for compiled code, and for windows that TCP has opened.
        bench.Floor();
        await bench.PushAsync();
        await bench.PushAsync();
        List<(double Floor, double Push)> rates = [];
        TimeSpan[] busy = [default, default];
        for (int round = 0; round < rounds; round++)
        {
            cancel.ThrowIfCancellationRequested();
            TimeSpan before = Environment.CpuUsage.TotalTime;
            double floor = bench.Bytes / bench.Floor().TotalSeconds;
            TimeSpan between = Environment.CpuUsage.TotalTime;
            rates.Add((floor, bench.Bytes / (await bench.PushAsync()).TotalSeconds));
            busy[0] += between - before;
            busy[1] += Environment.CpuUsage.TotalTime - between;
        }

        List<double> fetches = [];
        for (int i = 0; i < Fetches; i++)
        {
            fetches.Add((await bench.FetchAsync()).TotalSeconds);
        }

        TransferReport report = new()
        {
            Bytes = bench.Bytes,
            BlockBytes = block,
            Layers = layers,
            Rounds = rounds,
            FloorRate = Quantile(rates.Select(x => x.Floor), 0.5),
            PushRate = Quantile(rates.Select(x => x.Push), 0.5),
            Share = Quantile(rates.Select(x => x.Push / x.Floor), 0.5),
            FloorCpu = busy[0].TotalSeconds / rounds / bench.Bytes,
            PushCpu = busy[1].TotalSeconds / rounds / bench.Bytes,
            FetchMedian = Quantile(fetches, 0.5),
            FetchP99 = Quantile(fetches, 0.99),
        };
        report.Print(Console.Out);
        if (parse.GetValue(Save) is { } file)
        {
            await File.WriteAllTextAsync(file, report.ToJson(), cancel);
        }

        return 0;
    }

    private static double Quantile(IEnumerable<double> values, double share)
    {
        double[] sorted = [.. values.Order()];
        return sorted[(int)Math.Min(sorted.Length - 1, share * sorted.Length)];
    }
}
