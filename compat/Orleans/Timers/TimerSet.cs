namespace Orleans.Runtime;

/// <summary>The timers of an activation. Any thread.</summary>
internal sealed class TimerSet : IDisposable
{
    private readonly HashSet<IDisposable> _timers = [];

    public void Add(IDisposable timer)
    {
        lock (_timers)
        {
            _timers.Add(timer);
        }
    }

    public void Remove(IDisposable timer)
    {
        lock (_timers)
        {
            _timers.Remove(timer);
        }
    }

    /// <summary>Ends all of them; each removes itself.</summary>
    public void Dispose()
    {
        IDisposable[] timers;
        lock (_timers)
        {
            timers = [.. _timers];
        }

        Array.ForEach(timers, t => t.Dispose());
    }
}
