using Microsoft.Extensions.Logging;

namespace XLLM.Engine.Transfer;

/// <summary>What KV transfers log.</summary>
internal static partial class KvTransferLog
{
    [LoggerMessage(LogLevel.Information, "KV of {Self} is exchanged at {Host}:{Port}: blocks of {Bytes} bytes, layout {Layout}.")]
    public static partial void Listening(this ILogger logger, string self, string host, int port, long bytes, string layout);

    [LoggerMessage(LogLevel.Debug, "The KV connection with {Peer} ended: {Why}.")]
    public static partial void ConnectionEnded(this ILogger logger, string peer, string why);

    [LoggerMessage(LogLevel.Warning, "The KV connection with {Peer} is closed, {Fault}: {Why}")]
    public static partial void ConnectionRefused(this ILogger logger, string peer, KvFault fault, string why);

    [LoggerMessage(LogLevel.Debug, "{Peer} connected for KV and ended without a word.")]
    public static partial void ConnectionProbed(this ILogger logger, string peer);

    [LoggerMessage(LogLevel.Error, "The KV connection with {Peer} failed.")]
    public static partial void ConnectionFailed(this ILogger logger, Exception error, string peer);

    [LoggerMessage(LogLevel.Error, "The KV listener at port {Port} failed.")]
    public static partial void ListenerFailed(this ILogger logger, Exception error, int port);

    [LoggerMessage(LogLevel.Debug, "KV for {Request}: {Came} blocks came from {Peer}, {Held} leading ones are here ({Fault}).")]
    public static partial void Arrived(this ILogger logger, string request, int came, string peer, int held, KvFault fault);

    [LoggerMessage(LogLevel.Warning, "KV of {Request} cannot be pushed to {Peer} by {Way}: {Why}")]
    public static partial void NotPushed(
        this ILogger logger, string request, string peer, Contracts.Kv.KvCapabilities way, string why);

    [LoggerMessage(LogLevel.Debug, "KV of {Request} pushed to {Peer}: {Fault}.")]
    public static partial void Pushed(this ILogger logger, string request, string peer, KvFault fault);

    [LoggerMessage(LogLevel.Warning, "KV of {Request} did not come: {Why} What is missing is computed.")]
    public static partial void DidNotCome(this ILogger logger, string request, string why);

    [LoggerMessage(LogLevel.Error, "A KV transfer of {Request} failed.")]
    public static partial void TransferFailed(this ILogger logger, Exception error, string request);

    [LoggerMessage(LogLevel.Error, "KV blocks that a dead process had cannot be taken back.")]
    public static partial void ReclaimFailed(this ILogger logger, Exception error);
}
