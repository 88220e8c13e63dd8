namespace XLLM.Cli.Cluster;

/// <summary>A cluster command cannot do what it was told; the message says why and what would help.</summary>
internal sealed class ClusterException(string message) : Exception(message);
