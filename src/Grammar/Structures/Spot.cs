namespace XLLM.Grammar.Structures;

/// <summary>
/// In one part, in one way: the part, how many parts of a triggered text are done, and what follows. The rest of the cursor
/// belongs to the part. Interned by its machine.
/// </summary>
internal sealed class Spot(long id, bool accepts, StructureNode node, int count, Tail? tail) : Place(id, accepts)
{
    public StructureNode Node { get; } = node;

    public int Count { get; } = count;

    public Tail? Tail { get; } = tail;
}
