using Microsoft.Extensions.Logging;

namespace XLLM.Gateway.Keys;

internal static partial class KeyRingLog
{
    [LoggerMessage(Level = LogLevel.Error, Message = "The API keys could not be read from {Path}; those known so far stay valid")]
    public static partial void KeysNotRead(this ILogger logger, string path, Exception exception);
}
