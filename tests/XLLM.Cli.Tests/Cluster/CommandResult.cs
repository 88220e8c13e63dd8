namespace XLLM.Cli.Tests.Cluster;

/// <summary>How a command ended and what it said.</summary>
internal sealed record CommandResult(int Status, string Output, string Error);
