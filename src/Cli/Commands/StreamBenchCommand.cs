using System.CommandLine;
using System.Globalization;
using XLLM.Cli.Bench.Streams;
using XLLM.Cli.Hosting;
using XLLM.Contracts.Fleet;
using XLLM.Contracts.Ids;
using XLLM.Contracts.Ports;
using Microsoft.Extensions.DependencyInjection;

namespace XLLM.Cli.Commands;

/// <summary><c>xllm bench stream</c>: what a streamed token costs outside the engine.</summary>
internal static class StreamBenchCommand
{
    // Threads of the engine, as the kernel cuts their names: its own, its device's, and the kernels' workers.
    private static readonly string[] EngineThreads = ["engine ", "device of ", "xllm-worker"];

    // The kernel's cut of ".NET Tiered Compilation Worker".
    private const string CompilerThread = ".NET Tiered Com";

    public static Command Create()
    {
        Option<string?> model = ModelOption.Create();
        Option<int> streams = new("--streams") { Description = "concurrent HTTP streams", DefaultValueFactory = _ => 64 };
        Option<int> seconds = new("--seconds") { Description = "how long to measure", DefaultValueFactory = _ => 15 };
        Option<int> warm = new("--warm-up") { Description = "seconds before it is measured", DefaultValueFactory = _ => 20 };
        Option<bool> synchronous = new("--synchronous") { Description = "plan a step only when the one before has ended" };
        Command command = new("stream", "Processor time per streamed token outside the engine, over real HTTP, by thread.")
        {
            model, streams, seconds, warm, synchronous,
        };
        command.SetAction((parse, cancel) => UserErrors.GuardAsync(async () =>
        {
            (string name, string path) = await ModelOption.FindAsync(parse.GetValue(model), cancel);
            ServeSettings settings = new()
            {
                Model = path, Name = name, Port = 0, Quiet = true, AsyncScheduling = !parse.GetValue(synchronous),
            };
            (int bytes, TimeSpan pace) = await MeasureAsync(
                settings, parse.GetValue(streams), parse.GetValue(warm), parse.GetValue(seconds), cancel);
            await MeasureFloorAsync(parse.GetValue(streams), bytes, pace, cancel);
            return 0;
        }));
        return command;
    }

    /// <summary>Prints what a token costs; the bytes it had on the wire, and the time between two of a stream.</summary>
    private static async Task<(int Bytes, TimeSpan Pace)> MeasureAsync(
        ServeSettings settings, int streams, int warm, int seconds, CancellationToken cancel)
    {
        await using ServerHost server = await ServerHost.StartAsync(settings, cancel);
        InstanceDescriptor instance = server.Readiness.Instances[0];
        IInferenceEngine engine = server.Services.GetRequiredService<IEngineHost>().Find(instance.Id)!;
        using HistogramProbe gaps = new();
        using HistogramProbe sampling = new(HistogramProbe.Sampling, "sampling of a step");
        int maxTokens = instance.Model.ContextLength - 256;
        using StreamClients clients = new(new Uri(server.Url), instance.Model.Name, streams, maxTokens);
        await PauseAsync(warm, cancel);
        if (!clients.AllRun)
        {
            throw new ArgumentException(
                clients.Fault ?? $"Not all of {streams} streams run after {warm} s; give a longer --warm-up or fewer --streams.");
        }

        gaps.Clear();
        sampling.Clear();
        var before = ThreadCpu.Read();
        TimeSpan total = Environment.CpuUsage.TotalTime;
        LoadReport load = engine.Load;
        long bytes = clients.Bytes;
        await PauseAsync(seconds, cancel);
        long tokens = engine.Load.GeneratedTokens - load.GeneratedTokens;
        long steps = engine.Load.Steps - load.Steps;
        bool allRan = clients.AllRun;
        total = Environment.CpuUsage.TotalTime - total;
        Dictionary<string, double> spent = ThreadCpu.Between(before, ThreadCpu.Read());
        bytes = clients.Bytes - bytes;

        Console.WriteLine("thread              us/token");
        foreach ((string thread, double cpu) in spent.OrderByDescending(s => s.Value).Where(s => s.Value > 0.001 * total.TotalSeconds))
        {
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{thread,-18} {cpu / tokens * 1e6,9:0.00}{Mark(thread)}"));
        }

        double outside = spent.Where(s => Mark(s.Key).Length == 0).Sum(s => s.Value);
        Console.WriteLine(gaps.Describe());
        Console.WriteLine(sampling.Describe());
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{streams} streams, {tokens} tokens in {seconds} s ({tokens / (double)seconds:0} tokens/s, {(double)tokens / Math.Max(1, steps):0.0} a step, "
            + $"{(double)bytes / tokens:0} bytes a token){(allRan ? "" : "; some streams ended meanwhile")}"));
        double compiler = spent.GetValueOrDefault(CompilerThread);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"outside the engine: {outside / tokens * 1e6:0.0} us CPU per token ({compiler / tokens * 1e6:0.0} of them the runtime's compiler's)"));
        return ((int)(bytes / tokens), TimeSpan.FromSeconds((double)seconds / Math.Max(1, steps)));
    }

    /// <summary>The same bytes at the same pace without gateway, grains and engine.</summary>
    private static async Task MeasureFloorAsync(int streams, int bytes, TimeSpan pace, CancellationToken cancel)
    {
        const int Seconds = 5;
        await using StreamFloor floor = await StreamFloor.StartAsync(streams, bytes, pace, cancel);
        using StreamClients clients = new(floor.Url, "floor", streams, 1);
        await PauseAsync(Seconds, cancel);
        var before = ThreadCpu.Read();
        long written = floor.Written;
        await PauseAsync(Seconds, cancel);
        written = floor.Written - written;
        Dictionary<string, double> spent = ThreadCpu.Between(before, ThreadCpu.Read());
        double outside = spent.Where(s => Mark(s.Key).Length == 0).Sum(s => s.Value);
        double compiler = spent.GetValueOrDefault(CompilerThread);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"floor: {outside / written * 1e6:0.0} us CPU per write of {bytes} bytes ({compiler / written * 1e6:0.0} of them the runtime's "
            + $"compiler's; {written} writes)"));
    }

    private static string Mark(string thread) =>
        thread == StreamClients.ThreadName ? "  (client)" : Array.Exists(EngineThreads, e => thread.StartsWith(e, StringComparison.Ordinal)) ? "  (engine)" : "";

    private static async Task PauseAsync(int seconds, CancellationToken cancel)
    {
        using PeriodicTimer timer = new(TimeSpan.FromSeconds(Math.Max(1, seconds)));
        await timer.WaitForNextTickAsync(cancel);
    }
}
