using XLLM.Scheduling.Offline;

namespace XLLM.Gateway.Batches;

/// <summary>
/// Lets so many requests of all batches run as <see cref="OfflinePacer"/> says; the others wait in turn. Any thread.
/// </summary>
internal sealed class OfflineGate(OfflinePacer pacer)
{
    private readonly Lock _lock = new();
    private readonly Queue<TaskCompletionSource> _waiting = new();

    public int Running { get; private set; }

    public int Limit
    {
        get
        {
            lock (_lock)
            {
                return pacer.Limit;
            }
        }
    }

    /// <summary>Waits for a place; give it back with <see cref="Leave"/>.</summary>
    public async Task EnterAsync(CancellationToken cancelled)
    {
        TaskCompletionSource turn = new(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock)
        {
            if (Running < pacer.Limit)
            {
                Running++;
                return;
            }

            _waiting.Enqueue(turn);
        }

        // One that was let in is not cancelled any more: it has a place.
        await using CancellationTokenRegistration registration = cancelled.Register(() => turn.TrySetCanceled(cancelled));
        await turn.Task;
    }

    public void Leave()
    {
        lock (_lock)
        {
            Running--;
            LetIn();
        }
    }

    public void OnOverload()
    {
        lock (_lock)
        {
            pacer.OnOverload();
        }
    }

    /// <summary>Takes the instances' load into account.</summary>
    public void Observe(int running, int waiting, double tokenSeconds)
    {
        lock (_lock)
        {
            pacer.Observe(new OfflineLoad(running, waiting, Running, tokenSeconds));
            LetIn();
        }
    }

    private void LetIn()
    {
        while (Running < pacer.Limit && _waiting.TryDequeue(out TaskCompletionSource? turn))
        {
            if (turn.TrySetResult())
            {
                Running++;
            }
        }
    }
}
