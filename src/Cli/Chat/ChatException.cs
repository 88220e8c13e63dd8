namespace XLLM.Cli.Chat;

/// <summary>The server refused or broke off an answer; the message is the server's.</summary>
internal sealed class ChatException(string message) : Exception(message);
