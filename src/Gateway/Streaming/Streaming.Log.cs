using Microsoft.Extensions.Logging;
using XLLM.Contracts.Ids;
using XLLM.Contracts.Requests;

namespace XLLM.Gateway.Streaming;

internal static partial class StreamingLog
{
    [LoggerMessage(Level = LogLevel.Warning, Message = "Request {Request}: could not set paused to {Paused}")]
    public static partial void PauseFailed(this ILogger logger, RequestId request, bool paused, Exception exception);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Request {Request}: could not be ended as {Outcome}")]
    public static partial void EndFailed(this ILogger logger, RequestId request, RequestOutcome outcome, Exception exception);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Request {Request}: could not be submitted; trying again in {Wait}")]
    public static partial void SubmitRetried(this ILogger logger, RequestId request, TimeSpan wait, Exception exception);

    [LoggerMessage(Level = LogLevel.Error, Message = "Request {Request}: could not be submitted")]
    public static partial void SubmitFailed(this ILogger logger, RequestId request, Exception exception);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Request {Request}: tokens {Expected}..{Given} never came")]
    public static partial void TokensLost(this ILogger logger, RequestId request, int expected, int given);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Request {Request}: {Outcome}: {Error}")]
    public static partial void EndedInError(this ILogger logger, RequestId request, RequestOutcome outcome, string? error);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Request {Request}: no token for {Seconds} s, given up as lost")]
    public static partial void TimedOut(this ILogger logger, RequestId request, double seconds);

    [LoggerMessage(Level = LogLevel.Debug, Message = "Request {Request}: its grain did not say where its runs began")]
    public static partial void StartsUnknown(this ILogger logger, RequestId request, Exception exception);

    [LoggerMessage(
        Level = LogLevel.Information,
        Message = "Request {Request} {Outcome} model={Model} prompt={PromptTokens} cached={CachedTokens} "
            + "generated={GeneratedTokens} ttft={FirstTokenMs:F1} ms e2e={ElapsedMs:F1} ms")]
    public static partial void Finished(
        this ILogger logger,
        RequestId request,
        string model,
        RequestOutcome outcome,
        int promptTokens,
        int cachedTokens,
        int generatedTokens,
        double firstTokenMs,
        double elapsedMs);
}
