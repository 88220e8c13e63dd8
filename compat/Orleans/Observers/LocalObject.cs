using Microsoft.Extensions.Logging;

namespace Orleans.Runtime;

/// <summary>An observer: one call at a time, on the pool; always-interleaving calls at once.</summary>
internal sealed class LocalObject(Node node, IGrainObserver observer)
{
    private readonly WeakReference<IGrainObserver> _observer = new(observer);
    private readonly Queue<Message> _waiting = new();
    private readonly Dictionary<(SiloAddress, long), CancellationTokenSource> _running = [];
    private bool _isRunning;

    /// <summary>False when the object has been collected.</summary>
    public bool TryEnqueue(Message message)
    {
        if (!_observer.TryGetTarget(out _))
        {
            return false;
        }

        if (message.Method!.IsAlwaysInterleave)
        {
            Start(() => RunAsync(message));
            return true;
        }

        lock (_waiting)
        {
            _waiting.Enqueue(message);
            if (_isRunning)
            {
                return true;
            }

            _isRunning = true;
        }

        Start(PumpAsync);
        return true;
    }

    public void Cancel(Message cancel)
    {
        CancellationTokenSource? source;
        lock (_waiting)
        {
            _running.TryGetValue((cancel.SendingSilo, cancel.Id), out source);
        }

        source?.Cancel();
    }

    // Nothing of the sender's flow comes along.
    private static void Start(Func<Task> run) =>
        ThreadPool.UnsafeQueueUserWorkItem(static r => r().Ignore(), run, preferLocal: false);

    private async Task PumpAsync()
    {
        while (true)
        {
            Message? message;
            lock (_waiting)
            {
                if (!_waiting.TryDequeue(out message))
                {
                    _isRunning = false;
                    return;
                }
            }

            await RunAsync(message);
        }
    }

    private async Task RunAsync(Message message)
    {
        var method = message.Method!;
        if ((message.IsExpired && node.Messaging.DropExpiredMessages) || !_observer.TryGetTarget(out var target))
        {
            return;
        }

        using var source = method.TokenIndex >= 0 ? new CancellationTokenSource() : null;
        var key = (message.SendingSilo, message.Id);
        try
        {
            if (source is not null)
            {
                message.Arguments[method.TokenIndex] = source.Token;
                lock (_waiting)
                {
                    _running[key] = source;
                }
            }

            RequestContext.Values = message.Context;
            var result = await method.Invoker.InvokeAsync(target, message.Arguments);
            node.Respond(message, result, method.HasResult ? method.ResultType : null, null);
        }
        catch (Exception e)
        {
            if (message.Kind == MessageKind.OneWay)
            {
                node.Logger.LogWarning(e, "Observer method {Method} threw", method);
            }

            node.Respond(message, null, null, e);
        }
        finally
        {
            lock (_waiting)
            {
                _running.Remove(key);
            }
        }
    }
}
