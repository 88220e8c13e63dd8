using System.Diagnostics;

namespace XLLM.Cli.Bench.Serve;

/// <summary>
/// Sends a load at its times; with a concurrency limit a request waits until another has ended, and is timed from when it is sent.
/// </summary>
internal sealed class ServeBench(ServeClient client, int? maxConcurrency, TimeProvider time)
{
    /// <summary><paramref name="done"/> is called after every request, from any thread.</summary>
    public async Task<ServeReport> RunAsync(
        IReadOnlyList<ServeRequest> requests, ServiceLevels levels, Action done, CancellationToken cancellationToken)
    {
        using SemaphoreSlim? slots = maxConcurrency is { } most ? new SemaphoreSlim(most) : null;
        long started = Stopwatch.GetTimestamp();
        List<Task<RequestRecord>> running = [];
        foreach (ServeRequest request in requests)
        {
            TimeSpan wait = TimeSpan.FromSeconds(request.Arrival) - Stopwatch.GetElapsedTime(started);
            if (wait > TimeSpan.Zero)
            {
                await Task.Delay(wait, time, cancellationToken);
            }

            running.Add(OneAsync(request, slots, done, cancellationToken));
        }

        RequestRecord[] records = await Task.WhenAll(running);
        return new ServeReport(records, Stopwatch.GetElapsedTime(started).TotalSeconds, levels);
    }

    private async Task<RequestRecord> OneAsync(ServeRequest request, SemaphoreSlim? slots, Action done, CancellationToken cancellationToken)
    {
        if (slots is not null)
        {
            await slots.WaitAsync(cancellationToken);
        }

        try
        {
            return await client.SendAsync(request, cancellationToken);
        }
        finally
        {
            slots?.Release();
            done();
        }
    }
}
