using System.Runtime.CompilerServices;

namespace XLLM.Testing;

/// <summary>Waits for facts. The limit is there for a broken build only; nothing depends on its length.</summary>
public static class Waiting
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    /// <summary>The task's result, or an error that names what did not happen.</summary>
    public static async Task<T> Within<T>(this Task<T> task, [CallerArgumentExpression(nameof(task))] string what = "")
    {
        try
        {
            return await task.WaitAsync(Limit);
        }
        catch (TimeoutException e) when (!task.IsCompleted)
        {
            throw new TimeoutException($"Did not happen within {Limit}: {what}", e);
        }
    }

    /// <summary>Waits for the task, or throws an error that names what did not happen.</summary>
    public static async Task Within(this Task task, [CallerArgumentExpression(nameof(task))] string what = "")
    {
        try
        {
            await task.WaitAsync(Limit);
        }
        catch (TimeoutException e) when (!task.IsCompleted)
        {
            throw new TimeoutException($"Did not happen within {Limit}: {what}", e);
        }
    }
}
