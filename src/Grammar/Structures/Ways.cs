using XLLM.Grammar.Machine;

namespace XLLM.Grammar.Structures;

/// <summary>In several ways at once, or in none (only the end may follow): a cursor with a spot each. Immutable.</summary>
internal sealed class Ways(long id, bool accepts, Cursor[] cursors) : Place(id, accepts)
{
    public Cursor[] Cursors { get; } = cursors;
}
