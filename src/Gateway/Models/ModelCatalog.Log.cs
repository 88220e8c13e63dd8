using Microsoft.Extensions.Logging;

namespace XLLM.Gateway.Models;

internal static partial class ModelCatalogLog
{
    [LoggerMessage(Level = LogLevel.Error, Message = "Tokenizer or template of model {Model} could not be loaded from {Path}")]
    public static partial void TextNotLoaded(this ILogger logger, string model, string path, Exception exception);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The fleet did not answer; its last known snapshot {Version} is used")]
    public static partial void FleetUnreachable(this ILogger logger, string version, Exception exception);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The cluster's router does not answer.")]
    public static partial void RouterUnreachable(this ILogger logger, Exception exception);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The chat template of model {Model} is not usable; chats are refused")]
    public static partial void TemplateUnusable(this ILogger logger, string model, Exception exception);

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "The tokenizer of model {Model} has {Tokenizer} tokens, the model only {Vocabulary}; prompts with others are refused")]
    public static partial void VocabularyLarger(this ILogger logger, string model, int tokenizer, int vocabulary);

    [LoggerMessage(Level = LogLevel.Debug, Message = "Block owner {Partition} cannot be reached")]
    public static partial void OwnerUnreachable(this ILogger logger, int partition, Exception exception);
}
