using Microsoft.Extensions.Logging;
using XLLM.Contracts.Ids;
using XLLM.Contracts.Requests;

namespace XLLM.Grains.Streaming;

internal static partial class TokenPumpLog
{
    [LoggerMessage(LogLevel.Error, "The outputs of {Instance} ended with an error.")]
    public static partial void EngineStreamFailed(this ILogger logger, InstanceId instance, Exception e);

    [LoggerMessage(LogLevel.Warning, "A gateway of {Instance} cannot be reached; its {Requests} requests are given up here.")]
    public static partial void GatewayGone(this ILogger logger, InstanceId instance, int requests, Exception e);

    [LoggerMessage(LogLevel.Warning, "Request {Request} of a gone gateway could not be ended on {Instance}.")]
    public static partial void CancelFailed(this ILogger logger, RequestId request, InstanceId instance, Exception e);

    [LoggerMessage(LogLevel.Debug, "The end of {Request} as {Outcome} could not be told to its grain; trying again.")]
    public static partial void ReportRetried(this ILogger logger, RequestId request, RequestOutcome outcome, Exception e);

    [LoggerMessage(LogLevel.Warning, "The end of {Request} as {Outcome} could not be told to its grain.")]
    public static partial void ReportFailed(this ILogger logger, RequestId request, RequestOutcome outcome, Exception e);
}
