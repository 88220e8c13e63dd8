using Microsoft.Extensions.Logging;

namespace XLLM.Gateway.Batches;

internal static partial class BatchesLog
{
    [LoggerMessage(
        Level = LogLevel.Information,
        Message = "Batch {Batch} begins under claim {Epoch}: {Lines} requests, {Answered} of them answered before")]
    public static partial void BatchBegun(this ILogger logger, string batch, long epoch, int lines, int answered);

    [LoggerMessage(
        Level = LogLevel.Information,
        Message = "Batch {Batch} is {Status}: {Lines} requests, {Completed} completed, {Failed} failed")]
    public static partial void BatchEnded(this ILogger logger, string batch, string status, int lines, int completed, int failed);

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "A journal of batch {Batch} has {Lines} lines that were not written whole; they run again")]
    public static partial void JournalTorn(this ILogger logger, string batch, int lines);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The claim on batch {Batch} is lost; another gateway goes on with it")]
    public static partial void ClaimLost(this ILogger logger, string batch);

    [LoggerMessage(Level = LogLevel.Error, Message = "Batch {Batch} could not be worked on; it is tried again in {Wait}")]
    public static partial void BatchFailed(this ILogger logger, string batch, TimeSpan wait, Exception exception);

    [LoggerMessage(Level = LogLevel.Error, Message = "Batches could not be looked after; tried again at the next look")]
    public static partial void LookFailed(this ILogger logger, Exception exception);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Files} files have expired and were removed")]
    public static partial void FilesExpired(this ILogger logger, int files);
}
