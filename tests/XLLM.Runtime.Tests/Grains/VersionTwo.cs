namespace XLLM.Runtime.Tests.Grains;

/// <summary>The type as it is: one member less, one more, one wider.</summary>
[GenerateSerializer]
public sealed class VersionTwo
{
    [Id(0)]
    public string Name { get; set; } = "";

    [Id(2)]
    public long Number { get; set; }

    [Id(3)]
    public string After { get; set; } = "";

    [Id(4)]
    public string Added { get; set; } = "initial";

    [Id(5)]
    public Tree? Shared { get; set; }
}
