namespace XLLM.Runtime.Tests.Grains;

/// <summary>Points to itself and holds one object twice.</summary>
[GenerateSerializer, Alias("tests.Tree")]
public sealed class Tree
{
    [Id(0)]
    public string Name { get; set; } = "";

    [Id(1)]
    public Tree? Parent { get; set; }

    [Id(2)]
    public List<Tree> Children { get; set; } = [];
}
