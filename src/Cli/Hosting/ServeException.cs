namespace XLLM.Cli.Hosting;

/// <summary>The server cannot serve; the message says why.</summary>
internal sealed class ServeException(string message) : Exception(message);
