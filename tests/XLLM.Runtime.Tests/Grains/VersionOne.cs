namespace XLLM.Runtime.Tests.Grains;

/// <summary>A type as it was.</summary>
[GenerateSerializer]
public sealed class VersionOne
{
    [Id(0)]
    public string Name { get; set; } = "";

    [Id(1)]
    public Tree? Removed { get; set; }

    [Id(2)]
    public int Number { get; set; }

    [Id(3)]
    public string After { get; set; } = "";

    [Id(5)]
    public Tree? Shared { get; set; }
}
