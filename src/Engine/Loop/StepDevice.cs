namespace XLLM.Engine.Loop;

/// <summary>
/// Runs frames on a thread of its own. While one runs the next can be queued: it is launched as soon as the tokens of the one
/// before are known, without a look back at the engine's thread, which queues, and takes back what it wants to change.
/// </summary>
internal sealed class StepDevice : IDisposable
{
    private readonly Lock _gate = new();
    private readonly AutoResetEvent _work = new(false);
    private readonly StepExecutor _executor;
    private readonly Action _onDone;
    private readonly Thread _thread;
    private StepFrame? _launched;
    private StepFrame? _queued;
    private bool _busy;
    private bool _stopping;

    /// <param name="executor">Used by this device alone.</param>
    /// <param name="name">Of the thread.</param>
    /// <param name="onDone">Called on the device's thread when a frame is done, before the next one runs.</param>
    public StepDevice(StepExecutor executor, string name, Action onDone)
    {
        _executor = executor;
        _onDone = onDone;
        _thread = new Thread(Work) { IsBackground = true, Name = name };
        _thread.Start();
    }

    /// <summary>Launches the frame. Nothing may be running.</summary>
    public void Launch(StepFrame frame)
    {
        lock (_gate)
        {
            if (_busy)
            {
                throw new InvalidOperationException("A step is running already.");
            }

            _busy = true;
            _launched = frame;
        }

        _work.Set();
    }

    /// <summary>Has the frame launched after the running one. False: that one has ended, nothing is running now.</summary>
    public bool TryQueue(StepFrame frame)
    {
        lock (_gate)
        {
            if (!_busy || _stopping)
            {
                return false;
            }

            _queued = frame;
            return true;
        }
    }

    /// <summary>Takes the queued frame back. False: it is being launched.</summary>
    public bool TryUnqueue()
    {
        lock (_gate)
        {
            bool taken = _queued is not null;
            _queued = null;
            return taken;
        }
    }

    /// <summary>Launches nothing more and returns when the running frame has ended.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _stopping = true;
        }

        _work.Set();
        _thread.Join();
    }

    private void Work()
    {
        while (TryAwait() is { } frame)
        {
            for (StepFrame? next = frame; next is not null;)
            {
                _executor.Run(next);
                StepFrame done = next;
                next = Follow(done);
                if (next is not null)
                {
                    next.WasQueued = true;
                    next.Settle();
                }

                done.Successor = next;
                done.IsDone = true;
                _onDone();
            }
        }
    }

    private StepFrame? TryAwait()
    {
        while (true)
        {
            lock (_gate)
            {
                if (_stopping)
                {
                    return null;
                }

                if (_launched is { } frame)
                {
                    _launched = null;
                    return frame;
                }
            }

            _work.WaitOne();
        }
    }

    // After a step that failed nothing follows: the engine's thread has to sort it out first.
    private StepFrame? Follow(StepFrame done)
    {
        lock (_gate)
        {
            StepFrame? next = done.Error is null && !_stopping ? _queued : null;
            if (next is not null)
            {
                _queued = null;
            }

            _busy = next is not null;
            return next;
        }
    }
}
