using Microsoft.Extensions.Logging;

namespace XLLM.Engine.Loop;

/// <summary>Messages of the loop.</summary>
public sealed partial class EngineLoop
{
    [LoggerMessage(LogLevel.Information, "Engine {Instance} started on {Device}: {Blocks} KV blocks of {BlockTokens} tokens.")]
    private static partial void LogStarted(ILogger logger, string instance, string device, int blocks, int blockTokens);

    [LoggerMessage(LogLevel.Information, "Engine {Instance} stopped after {Steps} steps.")]
    private static partial void LogStopped(ILogger logger, string instance, long steps);

    [LoggerMessage(LogLevel.Error, "Engine {Instance} gives up: {Fault}.")]
    private static partial void LogFault(ILogger logger, string instance, string fault);

    [LoggerMessage(LogLevel.Critical, "Engine {Instance} is not sound: {Faults}")]
    private static partial void LogUnsound(ILogger logger, string instance, string faults);

    [LoggerMessage(LogLevel.Critical, "The thread of engine {Instance} failed.")]
    private static partial void LogBroken(ILogger logger, Exception error, string instance);
}
