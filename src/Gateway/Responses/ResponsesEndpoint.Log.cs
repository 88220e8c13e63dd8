using Microsoft.Extensions.Logging;

namespace XLLM.Gateway.Responses;

internal static partial class ResponsesEndpointLog
{
    [LoggerMessage(Level = LogLevel.Error, Message = "Background response {Response} failed")]
    public static partial void BackgroundFailed(this ILogger logger, string response, Exception exception);

    [LoggerMessage(Level = LogLevel.Error, Message = "Stored responses could not be looked after; tried again at the next look")]
    public static partial void LookFailed(this ILogger logger, Exception exception);
}
