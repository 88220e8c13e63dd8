namespace XLLM.Grammar.Machine;

/// <summary>
/// A container that is being written, linked to the one around it. Immutable: a state of the whole text is a pointer, and going back
/// or trying several ways is keeping pointers.
/// </summary>
internal abstract class Frame(Frame? parent, Goal goal, ulong hash)
{
    private long _rowId;

    public Frame? Parent { get; } = parent;

    public Goal Goal { get; } = goal;

    /// <summary>Hash of what the container holds, when wanted.</summary>
    public ulong Hash { get; } = hash;

    public int Depth { get; } = (parent?.Depth ?? 0) + 1;

    /// <summary>Equal for frames that no token can tell apart; 0 until asked for by the machine.</summary>
    public long RowId
    {
        get => _rowId;
        set => _rowId = value;
    }
}
