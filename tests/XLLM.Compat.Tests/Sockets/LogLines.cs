using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace XLLM.Compat.Tests.Sockets;

/// <summary>The silo's log, line by line.</summary>
internal sealed class LogLines : ILoggerProvider, ILogger
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private readonly ConcurrentQueue<string> _lines = new();
    private readonly SemaphoreSlim _added = new(0);

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        _lines.Enqueue($"{logLevel}: {formatter(state, exception)}");
        _added.Release();
    }

    /// <summary>Completes when a line has all these parts.</summary>
    public async Task<string> WaitForAsync(params string[] parts)
    {
        while (true)
        {
            if (_lines.FirstOrDefault(l => parts.All(p => l.Contains(p, StringComparison.Ordinal))) is { } line)
            {
                return line;
            }

            if (!await _added.WaitAsync(Patience))
            {
                throw new TimeoutException($"No line with {string.Join(", ", parts)} in:\n{string.Join('\n', _lines)}");
            }
        }
    }

    public void Dispose()
    {
    }
}
