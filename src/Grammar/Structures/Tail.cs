namespace XLLM.Grammar.Structures;

/// <summary>
/// What follows a part: the node it belongs to, how far that is (parts done, or the next part), and what follows the node.
/// Interned by its machine. Immutable but for what is remembered.
/// </summary>
internal sealed class Tail(int id, StructureNode node, int count, Tail? below)
{
    public int Id { get; } = id;

    public StructureNode Node { get; } = node;

    public int Count { get; } = count;

    public Tail? Below { get; } = below;

    /// <summary>A short text of all that follows; null = not worked out.</summary>
    public byte[]? Short { get; set; }
}
