namespace Orleans.Runtime;

/// <summary>A timer of an activation: the next tick is set when the callback has ended.</summary>
internal sealed class GrainTimer : IGrainTimer
{
    private readonly Lock _gate = new();
    private readonly Activation _activation;
    private readonly Func<CancellationToken, Task> _callback;
    private readonly GrainTimerCreationOptions _options;
    private readonly CancellationTokenSource _source = new();
    private readonly ITimer _timer;
    private TimeSpan _period;
    private bool _isTicking;
    private TimeSpan? _changedDueTime;
    private bool _isDisposed;

    public GrainTimer(
        Activation activation, Func<CancellationToken, Task> callback, GrainTimerCreationOptions options, TimeProvider time)
    {
        _activation = activation;
        _callback = callback;
        _options = options;
        Check(options.DueTime, options.Period);
        _period = options.Period;
        activation.Timers.Add(this);
        _timer = time.CreateTimer(_ => OnDue(), null, options.DueTime, Timeout.InfiniteTimeSpan);
    }

    public Task TickAsync() => _source.IsCancellationRequested ? Task.CompletedTask : _callback(_source.Token);

    public void ScheduleNext()
    {
        lock (_gate)
        {
            _isTicking = false;
            if (!_isDisposed)
            {
                _timer.Change(_changedDueTime ?? _period, Timeout.InfiniteTimeSpan);
            }

            _changedDueTime = null;
        }
    }

    public void Change(TimeSpan dueTime, TimeSpan period)
    {
        Check(dueTime, period);
        lock (_gate)
        {
            if (_isDisposed)
            {
                return;
            }

            _period = period;
            if (_isTicking)
            {
                // In the callback, or while one waits for its turn: the time runs from the callback's end.
                _changedDueTime = dueTime;
            }
            else
            {
                _timer.Change(dueTime, Timeout.InfiniteTimeSpan);
            }
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            if (_isDisposed)
            {
                return;
            }

            _isDisposed = true;
        }

        _timer.Dispose();
        _source.Cancel();
        _activation.Timers.Remove(this);
    }

    private static void Check(TimeSpan dueTime, TimeSpan period)
    {
        foreach (var (name, time) in new[] { (nameof(dueTime), dueTime), (nameof(period), period) })
        {
            if (time != Timeout.InfiniteTimeSpan && (time < TimeSpan.Zero || time.TotalMilliseconds > uint.MaxValue - 1))
            {
                throw new ArgumentOutOfRangeException(name, time, "A time must be infinite, or from zero to about 49 days.");
            }
        }
    }

    private void OnDue()
    {
        lock (_gate)
        {
            if (_isDisposed || _isTicking)
            {
                return;
            }

            _isTicking = true;
        }

        _activation.Enqueue(new TimerTick(this, _options));
    }
}
