namespace XLLM.Compat.Tests.Wire;

[GenerateSerializer, Alias("compat.Node")]
public sealed class Node
{
    [Id(0)]
    public string Name { get; set; } = "";

    [Id(1)]
    public Node? Next { get; set; }

    [Id(2)]
    public List<Node> Children { get; set; } = [];

    [Id(3)]
    public Dictionary<string, object> Values { get; set; } = [];

    [Id(4)]
    public Exception? Error { get; set; }

    public static Node Sample()
    {
        var shared = new Node { Name = "shared" };
        return new Node
        {
            Name = "root",
            Next = shared,
            Children = [shared, new Node { Name = "child", Values = { ["number"] = 1L, ["text"] = "x",
                ["list"] = new List<int> { 1, 2 } } }],
            Error = new InvalidOperationException("outer", new ArgumentException("inner")),
        };
    }
}
