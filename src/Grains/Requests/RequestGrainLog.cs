using Microsoft.Extensions.Logging;
using Orleans.Runtime;
using XLLM.Contracts.Ids;
using XLLM.Contracts.Requests;

namespace XLLM.Grains.Requests;

internal static partial class RequestGrainLog
{
    [LoggerMessage(LogLevel.Debug, "Request {Request} runs on {Instance} by {Policy} at fleet {Version}.")]
    public static partial void Running(
        this ILogger logger, RequestId request, InstanceId instance, string policy, FleetVersion version);

    [LoggerMessage(LogLevel.Debug, "Request {Request} ended as {Outcome}.")]
    public static partial void Finished(this ILogger logger, RequestId request, RequestOutcome outcome);

    [LoggerMessage(LogLevel.Information, "Request {Request} was refused by {Instance} as {Reason}: {Message}")]
    public static partial void Refused(
        this ILogger logger, RequestId request, InstanceId instance, RequestOutcome reason, string? message);

    [LoggerMessage(LogLevel.Warning, "Request {Request} could not reach {Instance}.")]
    public static partial void InstanceUnreachable(this ILogger logger, RequestId request, InstanceId instance, Exception e);

    [LoggerMessage(LogLevel.Warning, "Request {Request} could not withdraw from {Instance}.")]
    public static partial void WithdrawFailed(this ILogger logger, RequestId request, InstanceId instance, Exception e);

    [LoggerMessage(LogLevel.Error, "Request {Request} could not be started.")]
    public static partial void StartFailed(this ILogger logger, RequestId request, Exception e);

    [LoggerMessage(LogLevel.Warning, "Request {Request} is lost with {Instance}.")]
    public static partial void Lost(this ILogger logger, RequestId request, InstanceId instance);

    [LoggerMessage(LogLevel.Warning, "The gateway of request {Request} cannot be told of its end.")]
    public static partial void GatewayGone(this ILogger logger, RequestId request, Exception e);

    [LoggerMessage(LogLevel.Warning, "Request {Request} could not be ended on {Instance}.")]
    public static partial void EndFailed(this ILogger logger, RequestId request, InstanceId instance, Exception e);

    [LoggerMessage(LogLevel.Warning, "Request {Request} could not be paused or resumed on {Instance}.")]
    public static partial void PauseFailed(this ILogger logger, RequestId request, InstanceId instance, Exception e);

    [LoggerMessage(LogLevel.Warning, "The grain of request {Request} is deactivated before its end: {Reason}.")]
    public static partial void Abandoned(this ILogger logger, RequestId request, DeactivationReason reason);
}
