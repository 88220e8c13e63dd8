using Microsoft.Extensions.Logging;
using Orleans.Runtime;
using XLLM.Contracts.Ids;
using XLLM.Contracts.Requests;
using XLLM.Grains.Telemetry;

namespace XLLM.Grains.Requests;

internal static partial class RequestGrainLog
{
    [LoggerMessage(LogLevel.Warning, "Request {Request} is planned by its own silo: the cluster's router cannot be reached.")]
    public static partial void RouterUnreachable(this ILogger logger, RequestId request, Exception e);

    [LoggerMessage(LogLevel.Debug, "Request {Request} run {Run} is on {Instance} by {Policy} at fleet {Version}.")]
    public static partial void Running(
        this ILogger logger, RequestId request, int run, InstanceId instance, string policy, FleetVersion version);

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

    [LoggerMessage(LogLevel.Warning, "Request {Request} run {Run} cannot stay on {Instance} ({Cause}). {Reason}")]
    public static partial void Lost(
        this ILogger logger, RequestId request, int run, InstanceId instance, RecoveryCause cause, string? reason);

    [LoggerMessage(LogLevel.Information,
        "Request {Request} goes on as run {Run} on {Instance} after {Elapsed} with {Tokens} tokens resumed, KV by {Way}.")]
    public static partial void Recovered(
        this ILogger logger, RequestId request, int run, InstanceId instance, TimeSpan elapsed, int tokens, string way);

    [LoggerMessage(LogLevel.Error, "Request {Request} could not go on elsewhere.")]
    public static partial void RecoveryFailed(this ILogger logger, RequestId request, Exception e);

    [LoggerMessage(LogLevel.Debug, "Request {Request} cannot go on elsewhere yet: {Reason}")]
    public static partial void RecoveryWaits(this ILogger logger, RequestId request, string? reason);

    [LoggerMessage(LogLevel.Warning, "The grain of request {Request} could not be told that {Instance} is lost.")]
    public static partial void LossUntold(this ILogger logger, RequestId request, InstanceId instance, Exception e);

    [LoggerMessage(LogLevel.Warning, "Request {Request}: {Prefill} does not compute its prompt for {Decode}: {Message}")]
    public static partial void PrefillRefused(
        this ILogger logger, RequestId request, InstanceId prefill, InstanceId decode, string? message);

    [LoggerMessage(LogLevel.Warning, "Request {Request}: {Prefill}, which computes its prompt for {Decode}, cannot be reached.")]
    public static partial void PrefillUnreachable(
        this ILogger logger, RequestId request, InstanceId prefill, InstanceId decode, Exception e);

    [LoggerMessage(LogLevel.Warning, "The gateway of request {Request} cannot be told of its end.")]
    public static partial void GatewayGone(this ILogger logger, RequestId request, Exception e);

    [LoggerMessage(LogLevel.Warning, "Request {Request} could not be ended on {Instance}.")]
    public static partial void EndFailed(this ILogger logger, RequestId request, InstanceId instance, Exception e);

    [LoggerMessage(LogLevel.Warning, "Request {Request} could not be paused or resumed on {Instance}.")]
    public static partial void PauseFailed(this ILogger logger, RequestId request, InstanceId instance, Exception e);

    [LoggerMessage(LogLevel.Warning, "The grain of request {Request} is deactivated before its end: {Reason}.")]
    public static partial void Abandoned(this ILogger logger, RequestId request, DeactivationReason reason);
}
