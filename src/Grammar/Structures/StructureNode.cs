namespace XLLM.Grammar.Structures;

/// <summary>A node of a structure's tree, checked. Immutable.</summary>
internal sealed class StructureNode(int id, NodeKind kind)
{
    public int Id { get; } = id;

    public NodeKind Kind { get; } = kind;

    /// <summary>Of a literal.</summary>
    public byte[] Bytes { get; init; } = [];

    /// <summary>Of a machine: its number.</summary>
    public int Inner { get; init; }

    /// <summary>Of a triggered text: what follows each mark, by mark and then in order.</summary>
    public StructureNode[] Parts { get; init; } = [];

    /// <summary>Of a triggered text: the mark of each part.</summary>
    public int[] MarkOf { get; init; } = [];

    /// <summary>Of free text.</summary>
    public MarkAutomaton? Marks { get; init; }

    public int Min { get; init; }

    /// <summary>-1 = without limit.</summary>
    public int Max { get; init; }

    /// <summary>One part more; without a limit, counting ends where it no longer matters.</summary>
    public int CountAfter(int count) => Max < 0 ? Math.Min(count + 1, Min) : count + 1;
}
