using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace XLLM.Engine.Tests.Transfer;

/// <summary>Keeps what is logged, each line with its level before it.</summary>
internal sealed class LineLogger : ILogger
{
    private readonly ConcurrentQueue<string> _lines = new();

    public IReadOnlyCollection<string> Lines => _lines;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        _lines.Enqueue($"{logLevel} {formatter(state, exception)}");
}
