using System.Diagnostics;
using Microsoft.Extensions.Logging;

namespace Orleans.Runtime;

/// <summary>Runs an activation's tasks one at a time on the thread pool: its turns.</summary>
internal sealed class TurnScheduler(IGrainContext context, ILogger logger, TimeSpan quantum, TimeSpan warningLength)
    : TaskScheduler, IThreadPoolWorkItem
{
    private readonly Queue<Task> _tasks = new();
    private bool _isQueued;

    public override int MaximumConcurrencyLevel => 1;

    /// <summary>Runs an action as a turn. Nothing of the caller's flow comes along.</summary>
    public void Queue(Action<object?> action, object? state)
    {
        Task task;
        if (ExecutionContext.IsFlowSuppressed())
        {
            task = new Task(action, state);
        }
        else
        {
            using (ExecutionContext.SuppressFlow())
            {
                task = new Task(action, state);
            }
        }

        task.Start(this);
    }

    void IThreadPoolWorkItem.Execute()
    {
        var outer = RuntimeContext.Current;
        RuntimeContext.Current = context;
        var begun = Stopwatch.GetTimestamp();
        try
        {
            while (true)
            {
                Task task;
                lock (_tasks)
                {
                    if (_tasks.Count == 0)
                    {
                        _isQueued = false;
                        return;
                    }

                    if (Stopwatch.GetElapsedTime(begun) > quantum)
                    {
                        // Others' turn; this goes behind them.
                        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
                        return;
                    }

                    task = _tasks.Dequeue();
                }

                var turn = Stopwatch.GetTimestamp();
                TryExecuteTask(task);
                if (Stopwatch.GetElapsedTime(turn) is var length && length > warningLength)
                {
                    logger.LogWarning("A turn of {Grain} held its thread for {Length}", context.GrainId, length);
                }
            }
        }
        finally
        {
            RuntimeContext.Current = outer;
        }
    }

    protected override void QueueTask(Task task)
    {
        lock (_tasks)
        {
            _tasks.Enqueue(task);
            if (_isQueued)
            {
                return;
            }

            _isQueued = true;
        }

        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: true);
    }

    // Only inside a turn of the same activation.
    protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) =>
        !taskWasPreviouslyQueued && ReferenceEquals(RuntimeContext.Current, context) && TryExecuteTask(task);

    protected override IEnumerable<Task> GetScheduledTasks()
    {
        lock (_tasks)
        {
            return _tasks.ToArray();
        }
    }
}
