namespace XLLM.Engine.Structures;

/// <summary>
/// Threads that work masks out while steps run. They are few and started as needed; one grammar keeps at most one of them busy,
/// so that a grammar that takes seconds delays its own texts alone.
/// </summary>
internal sealed class GuideWorkers(string name) : IDisposable
{
    private const int MaxThreads = 4;

    // A worker that finds the grammar busy looks at other work after this.
    private const int BusyMilliseconds = 1;

    private readonly object _lock = new();
    private readonly Queue<OutputGuide> _work = new();
    private int _threads;
    private int _idle;
    private bool _stopping;

    /// <summary>Any thread.</summary>
    public void Post(OutputGuide guide)
    {
        lock (_lock)
        {
            if (_stopping)
            {
                return;
            }

            _work.Enqueue(guide);
            if (_idle >= _work.Count || _threads == MaxThreads)
            {
                Monitor.Pulse(_lock);
                return;
            }

            _threads++;
        }

        new Thread(Run) { IsBackground = true, Name = "masks of " + name }.Start();
    }

    /// <summary>Nothing more is begun; what is being worked out is not waited for.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            _stopping = true;
            _work.Clear();
            Monitor.PulseAll(_lock);
        }
    }

    private void Run()
    {
        while (Take() is { } guide)
        {
            if (!guide.TryWork(BusyMilliseconds))
            {
                Post(guide);
            }
        }
    }

    private OutputGuide? Take()
    {
        lock (_lock)
        {
            while (!_stopping && _work.Count == 0)
            {
                _idle++;
                Monitor.Wait(_lock);
                _idle--;
            }

            return _stopping ? null : _work.Dequeue();
        }
    }
}
