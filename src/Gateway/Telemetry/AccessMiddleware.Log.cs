using Microsoft.Extensions.Logging;

namespace XLLM.Gateway.Telemetry;

internal static partial class AccessLog
{
    [LoggerMessage(
        Message = "{Method} {Route} {Status} id={RequestId} key={Key} model={Model} in={InputTokens} out={OutputTokens} "
            + "ttft={FirstTokenMs:F1} ms time={ElapsedMs:F1} ms finish={Finish}")]
    public static partial void Request(
        this ILogger logger,
        LogLevel level,
        string method,
        string route,
        int status,
        string requestId,
        string key,
        string model,
        int inputTokens,
        int outputTokens,
        double firstTokenMs,
        double elapsedMs,
        string finish);

    [LoggerMessage(Level = LogLevel.Information, Message = "Prompt of {RequestId}: {Prompt}")]
    public static partial void Prompt(this ILogger logger, string requestId, string prompt);
}
