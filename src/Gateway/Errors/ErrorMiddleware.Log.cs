using Microsoft.Extensions.Logging;

namespace XLLM.Gateway.Errors;

internal static partial class ErrorMiddlewareLog
{
    [LoggerMessage(Level = LogLevel.Error, Message = "Unexpected failure while answering {Path}")]
    public static partial void Unexpected(this ILogger logger, string path, Exception exception);

    [LoggerMessage(Level = LogLevel.Error, Message = "Failure after the answer to {Path} had started; connection closed")]
    public static partial void FailedAfterStart(this ILogger logger, string path, Exception exception);
}
