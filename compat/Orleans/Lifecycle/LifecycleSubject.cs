using Microsoft.Extensions.Logging;

namespace Orleans;

/// <summary>Runs observers stage by stage: ascending on start, descending on stop, those of one stage side by side.</summary>
public abstract class LifecycleSubject(ILogger logger) : ILifecycleSubject
{
    private readonly List<Subscription> _subscriptions = [];
    private int? _highest;

    protected int HighestStage => _highest ?? int.MinValue;

    public virtual IDisposable Subscribe(string observerName, int stage, ILifecycleObserver observer)
    {
        ArgumentNullException.ThrowIfNull(observer);
        if (_highest is not null)
        {
            throw new InvalidOperationException("Lifecycle has already been started.");
        }

        var subscription = new Subscription(this, observerName, stage, observer);
        lock (_subscriptions)
        {
            _subscriptions.Add(subscription);
        }

        return subscription;
    }

    public virtual async Task OnStart(CancellationToken cancellationToken = default)
    {
        if (_highest is not null)
        {
            throw new InvalidOperationException("Lifecycle has already been started.");
        }

        foreach (var stage in Snapshot().OrderBy(s => s.Stage).GroupBy(s => s.Stage))
        {
            cancellationToken.ThrowIfCancellationRequested();
            _highest = stage.Key;
            await RunAsync(stage, s => s.Observer.OnStart(cancellationToken));
            OnStartStageCompleted(stage.Key);
        }
    }

    public virtual async Task OnStop(CancellationToken cancellationToken = default)
    {
        if (_highest is not { } highest)
        {
            return;
        }

        foreach (var stage in Snapshot().Where(s => s.Stage <= highest).OrderByDescending(s => s.Stage).GroupBy(s => s.Stage))
        {
            try
            {
                await RunAsync(stage, s => s.Observer.OnStop(cancellationToken));
            }
            catch (Exception e)
            {
                logger.LogError(e, "Stopping stage {Stage} failed; stopping goes on", stage.Key);
            }

            OnStopStageCompleted(stage.Key);
        }
    }

    protected virtual void OnStartStageCompleted(int stage)
    {
    }

    protected virtual void OnStopStageCompleted(int stage)
    {
    }

    private static async Task RunAsync(IEnumerable<Subscription> stage, Func<Subscription, Task> run)
    {
        var tasks = stage.Select(async s => await run(s)).ToArray();
        await Task.WhenAll(tasks);
    }

    private Subscription[] Snapshot()
    {
        lock (_subscriptions)
        {
            return [.. _subscriptions];
        }
    }

    private sealed class Subscription(LifecycleSubject owner, string name, int stage, ILifecycleObserver observer) : IDisposable
    {
        public int Stage => stage;

        public ILifecycleObserver Observer => observer;

        public void Dispose()
        {
            lock (owner._subscriptions)
            {
                owner._subscriptions.Remove(this);
            }
        }

        public override string ToString() => $"{name}@{stage}";
    }
}
