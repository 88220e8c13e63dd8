using Microsoft.Extensions.Logging;

namespace Orleans.Runtime;

/// <summary>
/// Whether the membership table answers; said once per change. While it does not, the silo works on with what it knows, and changes
/// of the membership wait.
/// </summary>
internal sealed class TableHealth(ILogger logger)
{
    private static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(500);
    private int _isAway;

    /// <summary>The table answers again.</summary>
    public event Action? Returned;

    public void OnSuccess()
    {
        if (Interlocked.Exchange(ref _isAway, 0) == 1)
        {
            logger.LogWarning("The membership table answers again");
            Returned?.Invoke();
        }
    }

    public void OnFailure(Exception error)
    {
        if (Interlocked.Exchange(ref _isAway, 1) == 0)
        {
            logger.LogError(error, "The membership table does not answer; the silo goes on with the members it knows, changes wait");
        }
    }

    /// <summary>Does something with the table, again and again while it does not answer; the last error is thrown.</summary>
    public async Task RetryAsync(Func<Task> action, TimeSpan patience)
    {
        var started = Environment.TickCount64;
        while (true)
        {
            try
            {
                await action();
                OnSuccess();
                return;
            }
            catch (Exception e) when (e is not OrleansException && Environment.TickCount64 - started < patience.TotalMilliseconds)
            {
                OnFailure(e);
            }

            await Task.Delay(RetryDelay);
        }
    }
}
