using System.Collections.Concurrent;
using System.Diagnostics;
using XLLM.Cli.Bench.Serve;

namespace XLLM.Cli.Bench.Chaos;

/// <summary>A steady open load on a cluster while faults strike it.</summary>
internal sealed class ChaosRun(IFaultTarget target, IReadOnlyList<ChaosPrompt> prompts, string model, TimeProvider time)
{
    private readonly ConcurrentBag<Strike> _strikes = [];

    /// <param name="seconds">Time in which requests are sent.</param>
    /// <param name="rate">Requests a second, Poisson.</param>
    /// <param name="seed">Of arrivals and of which prompt comes when.</param>
    /// <param name="faults">Ascending.</param>
    /// <param name="progress">Told of every request that ended, and of every fault, from any thread.</param>
    /// <param name="cancellationToken">Ends the run.</param>
    public async Task<ChaosReport> RunAsync(
        double seconds, double rate, int seed, IReadOnlyList<Fault> faults, Action<string?> progress, CancellationToken cancellationToken)
    {
        Random random = new(seed);
        double[] arrivals = [.. ArrivalTimes.Make((int)Math.Ceiling(seconds * rate), rate, 1, random).Where(t => t <= seconds)];
        int[] order = [.. arrivals.Select(_ => random.Next(prompts.Count))];
        using SocketsHttpHandler handler = new() { MaxConnectionsPerServer = 4096, PooledConnectionLifetime = TimeSpan.FromMinutes(2) };
        using HttpClient http = new(handler) { Timeout = TimeSpan.FromMinutes(3) };
        long started = Stopwatch.GetTimestamp();
        ChaosClient client = new(http, model, started);
        Task striking = StrikeAsync(faults, started, progress, cancellationToken);
        List<Task<ChaosAnswer>> answers = [];
        for (int i = 0; i < arrivals.Length; i++)
        {
            await UntilAsync(arrivals[i], started, cancellationToken);
            int prompt = order[i];
            answers.Add(AskAsync(client, target.Gateways[i % target.Gateways.Count], prompt, progress, cancellationToken));
        }

        ChaosAnswer[] all = await Task.WhenAll(answers);
        await striking;
        return new ChaosReport(all, prompts, [.. _strikes.OrderBy(s => s.Began)], Stopwatch.GetElapsedTime(started).TotalSeconds);
    }

    private async Task<ChaosAnswer> AskAsync(
        ChaosClient client, Uri gateway, int prompt, Action<string?> progress, CancellationToken cancellationToken)
    {
        ChaosAnswer answer = await client.AskAsync(gateway, prompt, prompts[prompt], cancellationToken);
        progress(answer.Error);
        return answer;
    }

    private async Task StrikeAsync(IReadOnlyList<Fault> faults, long started, Action<string?> progress, CancellationToken cancellationToken)
    {
        List<Task> lasting = [];
        foreach (Fault fault in faults)
        {
            await UntilAsync(fault.At, started, cancellationToken);
            lasting.Add(OneAsync(fault));
        }

        await Task.WhenAll(lasting);

        async Task OneAsync(Fault fault)
        {
            double began = Stopwatch.GetElapsedTime(started).TotalSeconds;
            string? error = null;
            try
            {
                await target.StrikeAsync(fault, cancellationToken);
            }
            catch (Exception e) when (!cancellationToken.IsCancellationRequested)
            {
                error = e.Message;
            }

            _strikes.Add(new Strike(fault, began, error));
            progress(null);
        }
    }

    private async Task UntilAsync(double at, long started, CancellationToken cancellationToken)
    {
        TimeSpan wait = TimeSpan.FromSeconds(at) - Stopwatch.GetElapsedTime(started);
        if (wait > TimeSpan.Zero)
        {
            await Task.Delay(wait, time, cancellationToken);
        }
    }
}
