using Microsoft.Extensions.Logging;
using XLLM.Contracts.Ids;

namespace XLLM.Grains.Instances;

internal static partial class InstanceLog
{
    [LoggerMessage(LogLevel.Information, "Instance {Instance} takes nothing new; {Requests} requests are running.")]
    public static partial void Draining(this ILogger logger, InstanceId instance, int requests);

    [LoggerMessage(LogLevel.Warning, "Instance {Instance} cannot reach the fleet registry.")]
    public static partial void FleetUnreachable(this ILogger logger, InstanceId instance, Exception e);

    [LoggerMessage(LogLevel.Warning, "Instance {Instance} epoch {Epoch} is refused by the fleet: a newer epoch is registered.")]
    public static partial void Superseded(this ILogger logger, InstanceId instance, long epoch);

    [LoggerMessage(LogLevel.Warning,
        "Instance {Instance} epoch {Epoch} was silent for so long that the fleet counts it as dead; it ends its requests and "
        + "registers again.")]
    public static partial void DeclaredDead(this ILogger logger, InstanceId instance, long epoch);

    [LoggerMessage(LogLevel.Information, "Instance {Instance} handed {Requests} requests over.")]
    public static partial void HandedOver(this ILogger logger, InstanceId instance, int requests);

    [LoggerMessage(LogLevel.Warning, "Instance {Instance} could not tell which KV blocks it holds.")]
    public static partial void BlocksUnsent(this ILogger logger, InstanceId instance, Exception e);

    [LoggerMessage(LogLevel.Information, "Instance {Instance} told {Owners} block owners all it holds ({Blocks} blocks).")]
    public static partial void BlocksResent(this ILogger logger, InstanceId instance, int owners, int blocks);

    [LoggerMessage(LogLevel.Debug, "The owner of block partition {Partition} cannot be reached; its events are kept.")]
    public static partial void OwnerUnreachable(this ILogger logger, long partition, Exception e);

    [LoggerMessage(LogLevel.Debug, "Request {Request} is open at the pump of {Instance} and not known to its engine.")]
    public static partial void NotKnownToEngine(this ILogger logger, RequestId request, InstanceId instance);

    [LoggerMessage(LogLevel.Error, "Request {Request} could not be started on {Instance}.")]
    public static partial void StartFailed(this ILogger logger, RequestId request, InstanceId instance, Exception e);
}
