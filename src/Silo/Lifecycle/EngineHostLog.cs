using Microsoft.Extensions.Logging;
using XLLM.Contracts.Ids;

namespace XLLM.Silo.Lifecycle;

internal static partial class EngineHostLog
{
    [LoggerMessage(LogLevel.Information, "Instance {Instance} loads {Model}.")]
    public static partial void Loading(this ILogger logger, InstanceId instance, string model);

    [LoggerMessage(LogLevel.Information, "Instance {Instance} serves {Model} with {Blocks} KV blocks after {Elapsed}.")]
    public static partial void Loaded(this ILogger logger, InstanceId instance, string model, int blocks, TimeSpan elapsed);

    [LoggerMessage(LogLevel.Error, "A model could not be loaded.")]
    public static partial void LoadFailed(this ILogger logger, Exception e);

    [LoggerMessage(LogLevel.Warning,
        "Instance {Instance} still had {Requests} requests when its time to drain was over; they go on elsewhere.")]
    public static partial void DrainTimedOut(this ILogger logger, InstanceId instance, int requests);

    [LoggerMessage(LogLevel.Warning, "Instance {Instance} could not leave in an orderly way.")]
    public static partial void GoodbyeFailed(this ILogger logger, InstanceId instance, Exception e);
}
