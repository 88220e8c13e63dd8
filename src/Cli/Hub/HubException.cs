namespace XLLM.Cli.Hub;

/// <summary>A model could not be had from the hub; the message says why and what would help.</summary>
public sealed class HubException(string message, Exception? inner = null) : Exception(message, inner);
