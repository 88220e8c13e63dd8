using Microsoft.Extensions.Logging;
using XLLM.Contracts.Fleet;
using XLLM.Contracts.Ids;

namespace XLLM.Grains.Fleet;

internal static partial class FleetGrainLog
{
    [LoggerMessage(LogLevel.Information,
        "Instance {Instance} epoch {Epoch} registered for model {Model} as {Health}; fleet {Version}.")]
    public static partial void Registered(
        this ILogger logger, InstanceId instance, long epoch, string model, InstanceHealth health, FleetVersion version);

    [LoggerMessage(LogLevel.Information, "Instance {Instance} epoch {Epoch} left.")]
    public static partial void Unregistered(this ILogger logger, InstanceId instance, long epoch);

    [LoggerMessage(LogLevel.Information, "A report of instance {Instance} epoch {Epoch} is refused: {Verdict}.")]
    public static partial void ReportRefused(this ILogger logger, InstanceId instance, long epoch, FleetVerdict verdict);

    [LoggerMessage(LogLevel.Warning, "Instance {Instance} epoch {Epoch} could not be reached by somebody; it has two periods to report.")]
    public static partial void Doubted(this ILogger logger, InstanceId instance, long epoch);

    [LoggerMessage(LogLevel.Warning, "Instance {Instance} is late, and nothing listens at {Host}:{Port} any more: its process is gone.")]
    public static partial void Refused(this ILogger logger, InstanceId instance, string host, int port);

    [LoggerMessage(LogLevel.Warning, "Whether the process of {Instance} is there could not be found out.")]
    public static partial void ProbeFailed(this ILogger logger, InstanceId instance, Exception e);

    [LoggerMessage(LogLevel.Information, "The fleet registry moves from a silo with engines to a gateway's.")]
    public static partial void Moves(this ILogger logger);

    [LoggerMessage(LogLevel.Warning, "The fleet registry could not run for {Pause}: silence of that time is not held against anybody.")]
    public static partial void Stalled(this ILogger logger, TimeSpan pause);

    [LoggerMessage(LogLevel.Warning, "Instance {Instance} was silent for too long (limit {Limit}); it counts as dead.")]
    public static partial void Died(this ILogger logger, InstanceId instance, TimeSpan limit);

    [LoggerMessage(LogLevel.Warning, "Instance {Instance} epoch {Epoch} wanted to register, but a newer epoch is registered.")]
    public static partial void StaleEpoch(this ILogger logger, InstanceId instance, long epoch);

    [LoggerMessage(LogLevel.Warning, "Not every block owner could be told to forget an instance.")]
    public static partial void ForgetFailed(this ILogger logger, Exception e);
}
