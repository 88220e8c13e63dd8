using Microsoft.Extensions.Logging;

namespace Orleans.Runtime;

/// <summary>Two seconds for the logs, then the process ends. Tests register another.</summary>
internal sealed class FatalErrorHandler(ILogger<FatalErrorHandler> logger) : IFatalErrorHandler
{
    private static readonly TimeSpan TimeForLogs = TimeSpan.FromSeconds(2);

    public bool IsUnexpected(Exception exception) => exception is not OperationCanceledException;

    public void OnFatalException(object? sender = null, string? context = null, Exception? exception = null)
    {
        var text = $"Fatal error in {sender}: {context}. The process ends.";
        logger.LogCritical(exception, "{Text}", text);
        Console.Error.WriteLine(text);
        Thread.Sleep(TimeForLogs);
        Environment.FailFast(text, exception);
    }
}
