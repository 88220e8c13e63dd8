using System.Collections.Concurrent;
using System.Net;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Orleans;
using XLLM.Cli.Chat;
using XLLM.Cli.Client;
using XLLM.Cli.Hosting;
using XLLM.Cli.Terminal;
using XLLM.Contracts.Fleet;
using XLLM.Contracts.Grains;
using XLLM.Contracts.Ids;

namespace XLLM.Cli.Bench;

/// <summary>
/// Clients that ask, read and leave at random points, over real HTTP. Afterwards every block must be back and every audit
/// clean. Prompts share beginnings, so that the prefix cache takes part; the KV pool is small, so that it evicts and requests
/// are pre-empted.
/// </summary>
internal sealed class Soak(ServerHost server, int streams, int seed, TimeProvider time)
{
    private const double GrowthAllowed = 1.15;
    private static readonly TimeSpan SettleLimit = TimeSpan.FromSeconds(30);
    private static readonly string[] Subjects =
        ["the capital of France", "the planets", "a story about a river", "the days of the week", "KV cache", "twelve plus thirty"];

    private readonly ConcurrentDictionary<string, long> _outcomes = new();
    private readonly ConcurrentQueue<string> _faults = new();
    private long _requests;
    private long _tokens;

    public async Task<SoakReport> RunAsync(TimeSpan duration, TextWriter progressOutput, CancellationToken cancellationToken)
    {
        using HttpClient http = new(new SocketsHttpHandler { MaxConnectionsPerServer = streams + 8 })
        {
            BaseAddress = new Uri(server.Url + "/"), Timeout = TimeSpan.FromMinutes(5),
        };
        string model = server.Readiness.Instances[0].Model.Name;
        long started = time.GetTimestamp();
        Task clients = Task.WhenAll(Enumerable.Range(0, streams).Select(
            i => Task.Run(() => ClientAsync(new ChatStream(http), model, i, started, duration, cancellationToken), cancellationToken)));
        double early = await WatchAsync(clients, started, duration, new ProgressLine(progressOutput, !Console.IsErrorRedirected, time));
        await clients;
        await SettleAsync(http, cancellationToken);
        double late = Megabytes();
        if (early > 0 && late > early * GrowthAllowed)
        {
            _faults.Enqueue($"memory grew from {early:0} MB to {late:0} MB");
        }

        if (_outcomes.Values.Sum() != _requests)
        {
            _faults.Enqueue($"{_requests} requests, but {_outcomes.Values.Sum()} outcomes");
        }

        return new SoakReport(_requests, _tokens, _outcomes, early, late, [.. _faults]);
    }

    private static double Megabytes()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        return Environment.WorkingSet / 1e6;
    }

    private async Task<double> WatchAsync(Task clients, long started, TimeSpan duration, ProgressLine line)
    {
        double early = 0;
        using PeriodicTimer tick = new(TimeSpan.FromSeconds(1), time);
        while (!clients.IsCompleted)
        {
            await Task.WhenAny(clients, tick.WaitForNextTickAsync().AsTask());
            double share = time.GetElapsedTime(started) / duration;
            line.Report("soak", (long)(Math.Min(share, 0.999) * 1000), 1000);
            if (early == 0 && share >= 0.25)
            {
                early = Megabytes();
            }
        }

        line.EndLine();
        return early;
    }

    private async Task ClientAsync(
        ChatStream chat, string model, int client, long started, TimeSpan duration, CancellationToken cancellationToken)
    {
        Random random = new(seed * 1000 + client);
        while (time.GetElapsedTime(started) < duration)
        {
            Interlocked.Increment(ref _requests);
            string outcome = await AskAsync(chat, model, random, cancellationToken);
            _outcomes.AddOrUpdate(outcome, 1, (_, n) => n + 1);
        }
    }

    private async Task<string> AskAsync(ChatStream chat, string model, Random random, CancellationToken cancellationToken)
    {
        string filler = string.Join(' ', Enumerable.Range(0, random.Next(60)).Select(i => "word" + i));
        JsonArray messages =
        [
            new JsonObject { ["role"] = "system", ["content"] = "You are a helpful assistant. " + filler },
            new JsonObject { ["role"] = "user", ["content"] = $"Tell me about {Subjects[random.Next(Subjects.Length)]}." },
        ];
        JsonObject options = new()
        {
            ["max_tokens"] = 1 + random.Next(128), ["temperature"] = random.Next(2), ["seed"] = random.Next(1000), ["ignore_eos"] = random.Next(2) == 0,
        };
        int leaveAfter = random.Next(3) == 0 ? random.Next(32) : int.MaxValue;
        using CancellationTokenSource leaving = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        try
        {
            int pieces = 0;
            if (leaveAfter == 0)
            {
                leaving.CancelAfter(random.Next(20));
            }

            await foreach (string piece in chat.AnswerAsync(model, messages, options, leaving.Token))
            {
                Interlocked.Increment(ref _tokens);
                if (++pieces >= leaveAfter)
                {
                    await leaving.CancelAsync();
                }
            }

            return "completed";
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return "left";
        }
        catch (OpenAiErrorException e) when (e.Message.StartsWith($"{(int)HttpStatusCode.TooManyRequests}", StringComparison.Ordinal))
        {
            return "refused (429)";
        }
        catch (Exception e) when (e is OpenAiErrorException or HttpRequestException or IOException)
        {
            _faults.Enqueue($"a request failed: {e.Message}");
            return "failed";
        }
    }

    /// <summary>Waits until nothing runs, then audits every instance.</summary>
    private async Task SettleAsync(HttpClient http, CancellationToken cancellationToken)
    {
        IGrainFactory grains = server.Services.GetRequiredService<IGrainFactory>();
        using PeriodicTimer tick = new(TimeSpan.FromMilliseconds(100), time);
        foreach (InstanceDescriptor instance in server.Readiness.Instances)
        {
            IInstanceGrain grain = grains.GetGrain<IInstanceGrain>(instance.Id.Value);
            long started = time.GetTimestamp();
            LoadReport load;
            do
            {
                await tick.WaitForNextTickAsync(cancellationToken);
                load = (await grain.DescribeAsync()).Load;
            }
            while ((load.Running > 0 || load.Waiting > 0) && time.GetElapsedTime(started) < SettleLimit);

            if (load.Running > 0 || load.Waiting > 0)
            {
                _faults.Enqueue($"{instance.Id}: {load.Running} running and {load.Waiting} waiting {SettleLimit.TotalSeconds:0} s after the last client");
            }

            if (load.FreeBlocks != load.TotalBlocks)
            {
                _faults.Enqueue($"{instance.Id}: {load.FreeBlocks} of {load.TotalBlocks} blocks are free");
            }

            foreach (string finding in await grain.CheckIntegrityAsync())
            {
                _faults.Enqueue($"{instance.Id}: {finding}");
            }
        }

        // The gauges follow the instances' heartbeats.
        long rested = time.GetTimestamp();
        string[] busy;
        do
        {
            await tick.WaitForNextTickAsync(cancellationToken);
            string metrics = await http.GetStringAsync("metrics", cancellationToken);
            busy = [.. metrics.Split('\n').Where(l =>
                l.StartsWith("xllm:num_requests_", StringComparison.Ordinal) && !l.EndsWith(" 0", StringComparison.Ordinal))];
        }
        while (busy.Length > 0 && time.GetElapsedTime(rested) < SettleLimit);

        foreach (string line in busy)
        {
            _faults.Enqueue("at rest: " + line);
        }
    }
}
