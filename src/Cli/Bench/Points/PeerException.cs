namespace XLLM.Cli.Bench.Points;

/// <summary>A peer cannot be had or failed. The message is for the user.</summary>
internal sealed class PeerException(string message) : Exception(message);
