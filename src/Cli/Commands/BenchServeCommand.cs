using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using XLLM.Cli.Bench.Serve;
using XLLM.Cli.Chat;
using XLLM.Cli.Client;
using XLLM.Cli.Hosting;
using XLLM.Cli.Terminal;

namespace XLLM.Cli.Commands;

/// <summary><c>xllm bench serve</c>: a load on any OpenAI server, in the terms of vLLM's bench.</summary>
internal static class BenchServeCommand
{
    private static readonly Option<string?> Model = ModelOption.Create();
    private static readonly Option<string?> Url = new("--url") { Description = "an OpenAI server; without it a model is served for the occasion" };

    private static readonly Option<string?> ServedName = new("--served-model-name")
    {
        Description = "name of the model in requests; default: the server's first",
    };

    private static readonly Option<ServeBackend> Backend = new("--backend")
    {
        Description = "Completions (prompts as token ids), Words (completions, prompts as text) or Chat",
    };

    private static readonly Option<int> Prompts = new("--num-prompts") { Description = "requests", DefaultValueFactory = _ => 100 };

    private static readonly Option<string> Rate = new("--request-rate")
    {
        Description = "requests a second; inf = all at once", DefaultValueFactory = _ => "inf",
    };

    private static readonly Option<double> Burstiness = new("--burstiness")
    {
        Description = "shape of the gamma-distributed gaps: 1 = Poisson, less = burstier", DefaultValueFactory = _ => 1,
    };

    private static readonly Option<int?> Concurrency = new("--max-concurrency") { Description = "most requests at a time; the others wait unsent" };
    private static readonly Option<string> Dataset = new("--dataset") { Description = "random, or a trace: Azure's csv or Mooncake's jsonl", DefaultValueFactory = _ => "random", HelpName = "random|FILE" };
    private static readonly Option<int> Input = new("--random-input-len") { Description = "prompt tokens", DefaultValueFactory = _ => 256 };
    private static readonly Option<int> Output = new("--random-output-len") { Description = "tokens wanted", DefaultValueFactory = _ => 64 };
    private static readonly Option<double> Ratio = new("--random-range-ratio") { Description = "lengths lie within this share of the mean, 0 to 1" };
    private static readonly Option<int> Prefix = new("--random-prefix-len") { Description = "tokens that all prompts begin with" };

    private static readonly Option<double> Speed = new("--trace-speed")
    {
        Description = "a trace's times are divided by it", DefaultValueFactory = _ => 1,
    };

    private static readonly Option<double> Scale = new("--trace-length-scale")
    {
        Description = "a trace's lengths are multiplied by it", DefaultValueFactory = _ => 1,
    };

    private static readonly Option<int> MaxInput = new("--max-input-len") { Description = "longer prompts of a trace are cut", DefaultValueFactory = _ => 4096 };
    private static readonly Option<int> MaxOutput = new("--max-output-len") { Description = "longer outputs of a trace are cut", DefaultValueFactory = _ => 1024 };

    private static readonly Option<string[]> Goodput = new("--goodput")
    {
        Description = "service levels in ms, e.g. ttft:500,tpot:50,e2el:5000; requests that meet all of them count", AllowMultipleArgumentsPerToken = true,
    };

    private static readonly Option<int> Seed = new("--seed") { Description = "of arrival times, lengths and tokens" };
    private static readonly Option<bool> StopAtEos = new("--stop-at-eos") { Description = "do not ask the server to go on after an end token (ignore_eos)" };
    private static readonly Option<string?> Json = new("--json") { Description = "write the results to a file as JSON", HelpName = "FILE" };

    public static Command Create()
    {
        Command command = new("serve", "A load on any OpenAI server: TTFT, TPOT, ITL, E2EL, throughput and goodput.")
        {
            Model, Url, ServedName, Backend, Prompts, Rate, Burstiness, Concurrency, Dataset, Input, Output, Ratio, Prefix, Speed, Scale,
            MaxInput, MaxOutput, Goodput, Seed, StopAtEos, Json,
        };
        command.SetAction((parse, cancel) => UserErrors.GuardAsync(() => RunAsync(parse, cancel)));
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parse, CancellationToken cancel)
    {
        ServiceLevels levels = ServiceLevels.Parse(parse.GetValue(Goodput) ?? []);
        IReadOnlyList<ServeRequest> requests = Load(parse);
        int? concurrency = parse.GetValue(Concurrency) is { } most ? OptionChecks.AtLeastOne(most, "--max-concurrency") : null;
        await using ServerHost? own = await OwnAsync(parse, requests.Count, cancel);
        using SocketsHttpHandler handler = new() { MaxConnectionsPerServer = Math.Max(64, requests.Count) };
        using HttpClient http = new(handler)
        {
            BaseAddress = new Uri((own?.Url ?? parse.GetValue(Url)!).TrimEnd('/') + "/"), Timeout = Timeout.InfiniteTimeSpan,
        };
        string model = parse.GetValue(ServedName) ?? (await new ChatStream(http).ModelsAsync(cancel)).FirstOrDefault()
            ?? throw new OpenAiErrorException("The server has no model; name one with --served-model-name.");
        ServeClient client = new(http, model, parse.GetValue(Backend), !parse.GetValue(StopAtEos));

        // One request by itself: what is done once for the first is not the load's.
        RequestRecord first = await client.SendAsync(requests[0] with { OutputTokens = 2 }, cancel);
        if (first.Error is { } error)
        {
            throw new OpenAiErrorException($"The server does not answer a request: {error}");
        }

        ProgressLine progress = new(Console.Error, !Console.IsErrorRedirected, TimeProvider.System);
        int ended = 0;
        ServeReport report = await new ServeBench(client, concurrency, TimeProvider.System).RunAsync(
            requests, levels, () => progress.Report("requests", Interlocked.Increment(ref ended), requests.Count), cancel);
        Console.WriteLine($"{model} at {http.BaseAddress}");
        Console.Write(report);
        if (parse.GetValue(Json) is { } file)
        {
            await File.WriteAllTextAsync(file, Describe(report, parse, model).ToJsonString(new JsonSerializerOptions { WriteIndented = true }) + "\n", cancel);
        }

        return report.FailedCount == 0 ? 0 : 1;
    }

    private static IReadOnlyList<ServeRequest> Load(ParseResult parse)
    {
        int count = OptionChecks.AtLeastOne(parse.GetValue(Prompts), "--num-prompts");
        int seed = parse.GetValue(Seed);
        string dataset = parse.GetRequiredValue(Dataset);
        if (dataset == "random")
        {
            double burstiness = OptionChecks.Between(parse.GetValue(Burstiness), 1e-3, 1e6, "--burstiness");
            Random random = new(seed);
            double[] arrivals = ArrivalTimes.Make(count, ParseRate(parse.GetRequiredValue(Rate)), burstiness, random);
            return new RandomDataset(
                OptionChecks.AtLeastOne(parse.GetValue(Input), "--random-input-len"),
                OptionChecks.AtLeastOne(parse.GetValue(Output), "--random-output-len"),
                OptionChecks.Between(parse.GetValue(Ratio), 0, 1, "--random-range-ratio"),
                (int)OptionChecks.Between(parse.GetValue(Prefix), 0, 1 << 20, "--random-prefix-len")).Make(arrivals, random);
        }

        return new TraceDataset(
            TraceFile.Read(dataset, count),
            OptionChecks.Between(parse.GetValue(Speed), 1e-6, 1e6, "--trace-speed"),
            OptionChecks.Between(parse.GetValue(Scale), 1e-6, 1e3, "--trace-length-scale"),
            OptionChecks.AtLeastOne(parse.GetValue(MaxInput), "--max-input-len"),
            OptionChecks.AtLeastOne(parse.GetValue(MaxOutput), "--max-output-len")).Make(seed);
    }

    private static async Task<ServerHost?> OwnAsync(ParseResult parse, int requests, CancellationToken cancel)
    {
        if (parse.GetValue(Url) is { } url)
        {
            return Uri.TryCreate(url, UriKind.Absolute, out Uri? uri) && uri.Scheme is "http" or "https"
                ? null
                : throw new ArgumentException($"--url is '{url}'; it must be like http://127.0.0.1:8000.");
        }

        (string name, string path) = await ModelOption.FindAsync(parse.GetValue(Model), cancel);
        return await ServerHost.StartAsync(
            new ServeSettings { Model = path, Name = name, Port = 0, Quiet = true, MaxWaiting = Math.Max(256, requests) }, cancel);
    }

    private static JsonObject Describe(ServeReport report, ParseResult parse, string model)
    {
        JsonObject json = report.ToJson();
        json["model"] = model;
        json["backend"] = parse.GetValue(Backend).ToString();
        json["dataset"] = Path.GetFileName(parse.GetRequiredValue(Dataset));
        json["num_prompts"] = report.Requests.Count;
        double rate = ParseRate(parse.GetRequiredValue(Rate));
        json["request_rate"] = double.IsInfinity(rate) ? "inf" : rate;
        json["burstiness"] = parse.GetValue(Burstiness);
        json["max_concurrency"] = parse.GetValue(Concurrency);
        json["trace_speed"] = parse.GetValue(Speed);
        json["trace_length_scale"] = parse.GetValue(Scale);
        json["goodput"] = string.Join(',', parse.GetValue(Goodput) ?? []);
        json["seed"] = parse.GetValue(Seed);
        return json;
    }

    private static double ParseRate(string text) => text switch
    {
        "inf" => double.PositiveInfinity,
        _ when double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double rate) && rate > 0 && double.IsFinite(rate) => rate,
        _ => throw new ArgumentException($"--request-rate is '{text}'; it must be above 0, or inf."),
    };
}
