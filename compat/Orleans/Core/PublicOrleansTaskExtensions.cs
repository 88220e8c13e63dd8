namespace Orleans;

/// <summary>Helpers for tasks nobody awaits.</summary>
public static class PublicOrleansTaskExtensions
{
    /// <summary>Lets a task's error go unobserved.</summary>
    public static void Ignore(this Task task)
    {
        ArgumentNullException.ThrowIfNull(task);
        _ = task.ContinueWith(
            static t => _ = t.Exception,
            CancellationToken.None,
            TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default);
    }
}
