using Microsoft.Extensions.Logging;

namespace XLLM.Gateway.Models;

internal static partial class ModelCatalogLog
{
    [LoggerMessage(Level = LogLevel.Error, Message = "Tokenizer or template of model {Model} could not be loaded from {Path}")]
    public static partial void TextNotLoaded(this ILogger logger, string model, string path, Exception exception);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The fleet did not answer; its last known snapshot {Version} is used")]
    public static partial void FleetUnreachable(this ILogger logger, string version, Exception exception);
}
