using System.CommandLine;
using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using XLLM.Cli.Bench.Streams;
using XLLM.Contracts.Ids;
using XLLM.Contracts.Kv;
using XLLM.Contracts.Ports;
using XLLM.Contracts.Requests;
using XLLM.Engine.Execution;
using XLLM.Engine.Loop;

namespace XLLM.Cli.Commands;

/// <summary><c>xllm bench steps</c>: idle time between the engine's steps, with and without asynchronous scheduling.</summary>
internal static class StepBenchCommand
{
    public static Command Create()
    {
        Option<string?> model = ModelOption.Create();
        Option<int> streams = new("--streams") { Description = "requests that decode together", DefaultValueFactory = _ => 16 };
        Option<int> tokens = new("--tokens") { Description = "tokens each of them decodes", DefaultValueFactory = _ => 256 };
        Option<float> temperature = new("--temperature") { Description = "0 = greedy", DefaultValueFactory = _ => 0 };
        Option<int> rounds = new("--rounds") { Description = "rounds of both kinds, interleaved", DefaultValueFactory = _ => 3 };
        Option<int> threads = new("--threads") { Description = "kernel threads; 0 = the cores granted to the process" };
        Command command = new("steps", "Idle time between the engine's steps, with and without asynchronous scheduling.")
        {
            model, streams, tokens, temperature, rounds, threads,
        };
        command.SetAction((parse, cancel) => UserErrors.GuardAsync(async () =>
        {
            (string name, string path) = await ModelOption.FindAsync(parse.GetValue(model), cancel);
            int count = Math.Clamp(parse.GetValue(streams), 1, 512);
            SamplingOptions sampling = SamplingOptions.Greedy with { Temperature = parse.GetValue(temperature), Seed = 1 };
            for (int round = 0; round < 2 * parse.GetValue(rounds); round++)
            {
                bool asynchronous = round % 2 == 1;
                await using EngineLoop engine = EngineLoop.Start(
                    InstanceId.Of("bench", "cpu0"), 1,
                    ModelLoader.Load(
                        path,
                        new ModelOptions { Name = name, MaxTokens = 512, MaxOutputs = Math.Max(64, count), Threads = parse.GetValue(threads) },
                        cancellation: cancel),
                    new EngineLoopOptions { MaxRunning = Math.Max(64, count), AsyncScheduling = asynchronous },
                    TimeProvider.System, NullLogger.Instance);
                (double speed, string gaps) = await RunAsync(engine, count, parse.GetValue(tokens), sampling, cancel);
                Console.WriteLine(string.Create(
                    CultureInfo.InvariantCulture, $"{(asynchronous ? "asynchronous" : "synchronous "),-13} {speed,8:0.0} tokens/s   {gaps}"));
            }

            return 0;
        }));
        return command;
    }

    private static async Task<(double Speed, string Gaps)> RunAsync(
        EngineLoop engine, int streams, int tokens, SamplingOptions sampling, CancellationToken cancel)
    {
        const int WarmSteps = 8;
        Random random = new(1);
        for (int i = 0; i < streams; i++)
        {
            InferenceRequest request = new()
            {
                Id = RequestId.New(),
                Model = engine.Descriptor.Model.Name,
                PromptTokens = [.. Enumerable.Range(0, 32).Select(_ => random.Next(engine.Descriptor.Model.VocabularySize))],
                Sampling = sampling,
                Stop = new StopOptions { MaxTokens = tokens + streams },
                Arrival = DateTimeOffset.UtcNow,
            };
            LeaseResult lease = await engine.ReserveAsync(request, cancel);
            if (lease.Lease is null || !await engine.StartAsync(request, lease.Lease, cancel))
            {
                throw new ArgumentException($"The engine refuses the measurement: {lease.Message ?? "stale lease"}");
            }
        }

        using HistogramProbe gaps = new();
        using HistogramProbe draws = new(HistogramProbe.Sampling, "sampling");
        int full = 0;
        long counted = 0;
        long started = 0;
        long last = 0;
        while (counted < (long)streams * (tokens - WarmSteps))
        {
            EngineOutput output = await engine.Outputs.ReadAsync(cancel);
            int chunks = output.Chunks.Length;
            output.Return();
            last = TimeProvider.System.GetTimestamp();
            full += chunks == streams ? 1 : 0;
            if (full == WarmSteps && started == 0)
            {
                gaps.Clear();
                draws.Clear();
                started = last;
            }
            else if (started != 0)
            {
                counted += chunks;
            }
        }

        return (counted / TimeProvider.System.GetElapsedTime(started, last).TotalSeconds, $"{gaps.Describe()}; {draws.Describe()}");
    }
}
