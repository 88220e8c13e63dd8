using System.CommandLine;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Text.Json;
using XLLM.Cli.Bench.Serve;
using XLLM.Cli.Terminal;
using XLLM.Contracts.Configuration;
using XLLM.Scheduling.Routing;
using XLLM.Simulator.Devices;
using XLLM.Simulator.Load;
using XLLM.Simulator.Results;
using XLLM.Simulator.Running;

namespace XLLM.Cli.Commands;

/// <summary><c>xllm simulate</c>: the router's policies on a fleet in simulated time.</summary>
internal static class SimulateCommand
{
    private const int InstancesPerCopy = 8;
    private const double StartRatePerInstance = 2;

    private static readonly Option<string> Instances = new("--instances")
    {
        Description = "sizes of the fleet, separated by commas", DefaultValueFactory = _ => "8",
    };

    private static readonly Option<string?> Trace = new("--trace")
    {
        Description = "a trace: Azure's csv or Mooncake's jsonl; without it requests are drawn", HelpName = "FILE",
    };

    private static readonly Option<int> Requests = new("--requests") { Description = "most requests of the trace, or those drawn", DefaultValueFactory = _ => 20_000 };

    private static readonly Option<string> Policies = new("--policy")
    {
        Description = "slo-aware, cache-aware, mixed, round-robin, minimal-load, minimal-load:P for P prefill instances; separated by commas",
        DefaultValueFactory = _ => "slo-aware,mixed,minimal-load,round-robin",
    };

    private static readonly Option<bool> Search = new("--rate-search") { Description = "find the highest rate with the wanted attainment" };
    private static readonly Option<double> Rate = new("--rate") { Description = "requests a second, without a search", DefaultValueFactory = _ => 4 };
    private static readonly Option<double> Attainment = new("--attainment") { Description = "share of requests in time", DefaultValueFactory = _ => 0.9 };
    private static readonly Option<double?> Ttft = new("--ttft") { Description = "objective for the first token, seconds; default: the device's" };
    private static readonly Option<double?> Tpot = new("--tpot") { Description = "objective between two tokens, seconds; default: the device's" };
    private static readonly Option<int?> Chunk = new("--chunk") { Description = "prompt tokens of a step beside decodes; default: what --tpot allows" };

    private static readonly Option<double?> LateLimit = new("--late-limit")
    {
        Description = "slo-aware: late requests share a queue up to so many times the first token's objective; 0 = not",
    };

    private static readonly Option<string[]> Set = new("--set")
    {
        Description = "a setting of the router, e.g. Routing:Colocate=false", HelpName = "KEY=VALUE",
    };

    private static readonly Option<double> Processors = new("--processors")
    {
        Description = "shared by all instances, which slow each other down when more of them are busy; 0 = each has its own",
    };

    private static readonly Option<double> Scale = new("--trace-length-scale")
    {
        Description = "the trace's lengths are multiplied by it", DefaultValueFactory = _ => 1,
    };

    private static readonly Option<string> Device = new("--device")
    {
        Description = "gpu-8b (an assumption), cpu-smollm2 (measured), or a profile as JSON", DefaultValueFactory = _ => DeviceProfiles.Gpu.Name,
        HelpName = "NAME|FILE",
    };

    private static readonly Option<string[]> Kills = new("--kill")
    {
        Description = "an instance dies: SECONDS:INSTANCE or SECONDS:INSTANCE:BACK-AFTER", AllowMultipleArgumentsPerToken = true,
    };

    private static readonly Option<int> Seed = new("--seed") { Description = "of everything drawn", DefaultValueFactory = _ => 1 };
    private static readonly Option<string?> Save = new("--save") { Description = "write JSON, Markdown and a chart there", HelpName = "DIR" };
    private static readonly Option<string?> Name = new("--name") { Description = "name of the files; default: of the load and the device" };

    public static Command Create()
    {
        Command command = new("simulate", "Routing policies on a fleet in simulated time.")
        {
            Instances, Trace, Requests, Policies, Search, Rate, Attainment, Ttft, Tpot, Chunk, LateLimit, Set, Processors, Scale,
            Device, Kills, Seed, Save, Name,
        };
        command.SetAction((parse, cancel) => UserErrors.GuardAsync(() => RunAsync(parse, cancel)));
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parse, CancellationToken cancel)
    {
        DeviceProfile device = await ReadDeviceAsync(parse.GetRequiredValue(Device), cancel);
        int[] sizes = [.. Parts(parse.GetRequiredValue(Instances)).Select(Size)];
        string[] names = Parts(parse.GetRequiredValue(Policies));
        if (names.Length == 0)
        {
            throw new ArgumentException("--policy is empty; name at least one, e.g. slo-aware,minimal-load.");
        }

        double? wanted = parse.GetValue(Search) ? OptionChecks.Between(parse.GetValue(Attainment), 0.01, 1, "--attainment") : null;
        double rate = OptionChecks.Between(parse.GetValue(Rate), 1e-6, 1e6, "--rate");
        RoutingOptions routing = ReadRouting(parse);
        (SimulationOptions Options, string Name)[] runs =
        [
            .. from size in sizes from name in names
               select (new SimulationOptions
               {
                   Device = device,
                   Instances = size,
                   Policy = PolicySetup.Parse(name, size),
                   TtftSeconds = parse.GetValue(Ttft),
                   TpotSeconds = parse.GetValue(Tpot),
                   ChunkTokens = parse.GetValue(Chunk),
                   Routing = routing,
                   Processors = parse.GetValue(Processors),
                   Failures = [.. (parse.GetValue(Kills) ?? []).Select(ParseKill)],
               }, name),
        ];
        SimArrival[]? trace = ReadTrace(parse);
        ProgressLine progress = new(Console.Error, !Console.IsErrorRedirected, TimeProvider.System);
        List<ComparisonRow> rows = [];
        for (int i = 0; i < runs.Length; i++)
        {
            (SimulationOptions options, string name) = runs[i];
            progress.Report("simulating", i, runs.Length);
            Func<double, IReadOnlyList<SimArrival>> load = Load(parse, trace, options.Instances);
            (double found, SimulationResult result) = wanted is { } share
                ? RateSearch.Find(options, load, share, StartRatePerInstance * options.Instances, null, cancel)
                : (rate, Simulation.Run(options, load(rate), cancel));
            rows.Add(new ComparisonRow(options.Instances, name, found, result));
        }

        progress.Report("simulating", runs.Length, runs.Length);
        Comparison comparison = new()
        {
            Load = trace is null ? "Poisson" : Path.GetFileNameWithoutExtension(parse.GetValue(Trace)!),
            Scaling = trace is null
                ? "exponential gaps, prompts of 1024 and answers of 128 tokens on average"
                : string.Create(
                    CultureInfo.InvariantCulture,
                    $"{trace.Length} requests, laid over themselves once for each {InstancesPerCopy} instances, time scaled to the rate{Further(parse)}"),
            Device = device,
            TtftSeconds = runs[0].Options.Ttft,
            TpotSeconds = runs[0].Options.Tpot,
            ChunkTokens = runs[0].Options.Chunk,
            Attainment = wanted,
            Seed = parse.GetValue(Seed),
            Rows = [.. rows],
        };
        Console.Write(ComparisonTable.Of(comparison));
        if (parse.GetValue(Save) is { } folder)
        {
            await SaveAsync(comparison, folder, parse.GetValue(Name) ?? $"simulation-{comparison.Load}-{device.Name}", cancel);
        }

        return 0;
    }

    private static string Further(ParseResult parse)
    {
        double scale = parse.GetValue(Scale);
        double processors = parse.GetValue(Processors);
        return (scale == 1 ? "" : string.Create(CultureInfo.InvariantCulture, $", lengths times {scale}"))
            + (processors == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $", all instances on {processors} processors"));
    }

    private static async Task SaveAsync(Comparison comparison, string folder, string name, CancellationToken cancel)
    {
        Directory.CreateDirectory(folder);
        string stem = Path.Combine(folder, name);
        await File.WriteAllTextAsync(stem + ".json", ComparisonJson.Of(comparison), cancel);
        await File.WriteAllTextAsync(stem + ".svg", ComparisonChart.Of(comparison), cancel);
        await File.WriteAllTextAsync(
            stem + ".md", $"# {comparison.Load}\n\n{ComparisonTable.Of(comparison)}\n![requests a second per instance]({name}.svg)\n", cancel);
        Console.WriteLine($"saved {stem}.json, .md, .svg");
    }

    private static async Task<DeviceProfile> ReadDeviceAsync(string name, CancellationToken cancel)
    {
        if (DeviceProfiles.Find(name) is { } known)
        {
            return known;
        }

        if (!File.Exists(name))
        {
            throw new ArgumentException(
                $"--device is '{name}', neither a file nor one of {string.Join(", ", DeviceProfiles.All.Select(d => d.Name))}.");
        }

        DeviceProfile profile;
        try
        {
            profile = JsonSerializer.Deserialize<DeviceProfile>(await File.ReadAllTextAsync(name, cancel))
                ?? throw new ArgumentException($"{name} is empty; a device profile is a JSON object.");
        }
        catch (JsonException e)
        {
            throw new ArgumentException($"{name} is not a device profile: {e.Message}");
        }

        string[] faults = [.. profile.Validate(new ValidationContext(profile)).Select(f => f.ErrorMessage!)];
        return faults.Length == 0 ? profile : throw new ArgumentException($"{name}: {string.Join(" ", faults)}");
    }

    private static RoutingOptions ReadRouting(ParseResult parse)
    {
        const string Section = "Routing:";
        Dictionary<string, string?> settings = [];
        foreach ((string key, string? value) in SettingOption.Parse(parse.GetValue(Set) ?? []))
        {
            settings[key.StartsWith(Section, StringComparison.OrdinalIgnoreCase)
                ? key[Section.Length..]
                : throw new ArgumentException($"--set has '{key}'; a simulation has the router's settings alone, e.g. {Section}LateLimit.")] = value;
        }

        RoutingOptions routing = StrictOptions.Bind<RoutingOptions>("Routing", settings).OrThrow();
        routing.LateLimit = parse.GetValue(LateLimit) ?? routing.LateLimit;
        return routing;
    }

    private static SimArrival[]? ReadTrace(ParseResult parse)
    {
        double scale = OptionChecks.Between(parse.GetValue(Scale), 1e-6, 1e3, "--trace-length-scale");
        return parse.GetValue(Trace) is { } path
            ? [.. TraceFile.Read(path, OptionChecks.AtLeastOne(parse.GetValue(Requests), "--requests"))
                .Select(e => new SimArrival(e.Seconds, Length(e.InputLength), Length(e.OutputLength)))]
            : null;

        int Length(int tokens) => Math.Max(1, (int)Math.Round(tokens * scale));
    }

    private static Func<double, IReadOnlyList<SimArrival>> Load(ParseResult parse, SimArrival[]? trace, int instances)
    {
        int seed = parse.GetValue(Seed);
        if (trace is null)
        {
            int count = OptionChecks.AtLeastOne(parse.GetValue(Requests), "--requests");
            return rate => PoissonLoad.Of(count, rate, 1024, 128, seed);
        }

        TraceLoad load = new(trace, Math.Max(1, instances / InstancesPerCopy), seed);
        return load.At;
    }

    private static string[] Parts(string text) => text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    private static int Size(string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int size) && size is >= 1 and <= 1024
        ? size
        : throw new ArgumentException($"--instances has '{text}'; it must be a number in 1..1024.");

    private static SimFailure ParseKill(string text)
    {
        string[] parts = text.Split(':');
        double back = double.PositiveInfinity;
        return parts.Length is 2 or 3
            && double.TryParse(parts[0], NumberStyles.Float, CultureInfo.InvariantCulture, out double seconds)
            && int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out int instance)
            && (parts.Length == 2 || double.TryParse(parts[2], NumberStyles.Float, CultureInfo.InvariantCulture, out back))
            ? new SimFailure(seconds, instance, back)
            : throw new ArgumentException($"--kill has '{text}'; it must be SECONDS:INSTANCE or SECONDS:INSTANCE:BACK-AFTER, e.g. 30:2:10.");
    }
}
