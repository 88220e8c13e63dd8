using XLLM.Engine.Execution;

namespace XLLM.Engine.Loop;

/// <summary>
/// Tells of a step's layers while it runs: a thread looks at how many are done and reports those of the blocks that prefills in
/// the step complete. Looks once a millisecond, and only while a step has such blocks.
/// </summary>
internal sealed class LayerWatch(IModelRunner runner, string name) : IDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(1);

    private readonly object _lock = new();
    private readonly AutoResetEvent _wake = new(false);
    private readonly List<KvPrefill> _prefills = [];
    private StepFrame? _frame;
    private Thread? _thread;
    private volatile bool _stopping;

    /// <summary>The blocks that the prefill holds and has not told of are completed by this frame, which runs or is about to.</summary>
    public void Watch(StepFrame frame, KvPrefill prefill)
    {
        lock (_lock)
        {
            _frame = frame;
            _prefills.Add(prefill);
        }

        if (_thread is null)
        {
            _thread = new Thread(Work) { IsBackground = true, Name = name };
            _thread.Start();
        }

        _wake.Set();
    }

    /// <summary>The frame is done: from here on nothing is told of it by the watch.</summary>
    public void End()
    {
        if (_thread is not null)
        {
            lock (_lock)
            {
                _frame = null;
                _prefills.Clear();
            }
        }
    }

    /// <summary>Nobody wants to know of the prefill any more.</summary>
    public void Forget(KvPrefill prefill)
    {
        lock (_lock)
        {
            _prefills.Remove(prefill);
        }
    }

    public void Dispose()
    {
        _stopping = true;
        _wake.Set();
        _thread?.Join();
    }

    private void Work()
    {
        bool watching = false;
        while (!_stopping)
        {
            if (watching)
            {
                _wake.WaitOne(Pause);
            }
            else
            {
                _wake.WaitOne();
            }

            watching = Look();
        }
    }

    // What was read between two looks at the flag was about this frame: the runner begins another only after it.
    private bool Look()
    {
        lock (_lock)
        {
            if (_frame is { IsComputing: true } frame)
            {
                int layers = runner.LayersDone;
                for (int i = 0; frame.IsComputing && i < _prefills.Count; i++)
                {
                    _prefills[i].TellLayers(layers);
                }
            }

            return _frame is not null;
        }
    }
}
