using Microsoft.Extensions.Logging;

namespace XLLM.Runtime.Tests.Processes;

/// <summary>The logs of all silos of the tests, when XLLM_TEST_LOG names a file.</summary>
internal sealed class FileLog : ILoggerProvider
{
    private static readonly Lock Gate = new();
    private static readonly string? Path = Environment.GetEnvironmentVariable("XLLM_TEST_LOG");

    public static void Write(string line)
    {
        if (Path is not null)
        {
            lock (Gate)
            {
                File.AppendAllText(Path, $"{DateTime.UtcNow:HH:mm:ss.fff} {line}\n");
            }
        }
    }

    public ILogger CreateLogger(string categoryName) => new Writer(categoryName);

    public void Dispose()
    {
    }

    private sealed class Writer(string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => Path is not null && logLevel >= LogLevel.Debug;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            Write($"test {logLevel} {category} {formatter(state, exception)} {exception}");
        }
    }
}
