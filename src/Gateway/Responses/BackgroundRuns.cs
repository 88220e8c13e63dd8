using System.Collections.Concurrent;

namespace XLLM.Gateway.Responses;

/// <summary>Responses that run without a client, by id. Any thread.</summary>
internal sealed class BackgroundRuns : IDisposable
{
    private readonly ConcurrentDictionary<string, (CancellationTokenSource Cancel, Task Run)> _runs = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource _stop = new();

    /// <summary>Starts a run; it must not throw.</summary>
    public void Start(string id, Func<CancellationToken, Task> run)
    {
        var cancel = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
        var begin = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Task all = RunAsync(begin.Task);
        _runs[id] = (cancel, all);
        begin.SetResult();

        async Task RunAsync(Task begun)
        {
            await begun;
            await run(cancel.Token);
            _runs.TryRemove(id, out _);
            cancel.Dispose();
        }
    }

    /// <summary>Ends a run and waits until it has ended; no effect when it has.</summary>
    public async Task CancelAsync(string id)
    {
        if (_runs.TryGetValue(id, out (CancellationTokenSource Cancel, Task Run) run))
        {
            try
            {
                await run.Cancel.CancelAsync();
            }
            catch (ObjectDisposedException)
            {
                // It has just ended by itself.
            }

            await run.Run;
        }
    }

    public void Dispose()
    {
        _stop.Cancel();
        _stop.Dispose();
    }
}
