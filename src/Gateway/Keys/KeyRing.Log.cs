using Microsoft.Extensions.Logging;

namespace XLLM.Gateway.Keys;

internal static partial class KeyRingLog
{
    [LoggerMessage(Level = LogLevel.Error, Message = "The API keys could not be read from {Path}; those known so far stay valid")]
    public static partial void KeysNotRead(this ILogger logger, string path, Exception exception);

    [LoggerMessage(Level = LogLevel.Error, Message = "The file of API keys could not be changed")]
    public static partial void KeysNotWritten(this ILogger logger, Exception exception);

    [LoggerMessage(Level = LogLevel.Information, Message = "API key {Name} was made with the key {Admin}")]
    public static partial void KeyMade(this ILogger logger, string name, string admin);

    [LoggerMessage(Level = LogLevel.Information, Message = "API key {Name} was removed with the key {Admin}")]
    public static partial void KeyRemoved(this ILogger logger, string name, string admin);
}
