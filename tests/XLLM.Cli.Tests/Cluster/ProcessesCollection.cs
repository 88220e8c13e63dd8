namespace XLLM.Cli.Tests.Cluster;

/// <summary>Tests that start processes of their own run alone: those processes share the machine's cores.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class ProcessesCollection
{
    public const string Name = "processes";
}
