namespace XLLM.Cli.Chat.Editing;

/// <summary>Where a chat's messages come from.</summary>
internal interface IMessageReader
{
    /// <summary>The next message, of one or more lines; null = there is none any more.</summary>
    Task<string?> ReadAsync(CancellationToken cancellationToken);
}
