using XLLM.Grammar.Machine;

namespace XLLM.Grammar.Structures;

/// <summary>Cursors from which the same goes on, as far as that can be seen at a glance.</summary>
internal sealed class CursorEquality : IEqualityComparer<Cursor>
{
    public static CursorEquality Instance { get; } = new();

    public bool Equals(Cursor x, Cursor y) =>
        ReferenceEquals(x.Place, y.Place) && x.State == y.State && x.Node == y.Node && x.Count == y.Count && x.Char == y.Char
        && x.Mode == y.Mode && x.Phase == y.Phase && x.Hash == y.Hash && ReferenceEquals(x.Top, y.Top)
        && ReferenceEquals(x.Goal, y.Goal) && ReferenceEquals(x.Site, y.Site) && Equals(x.Number, y.Number);

    public int GetHashCode(Cursor cursor) =>
        HashCode.Combine(
            cursor.Place?.Id ?? 0, cursor.State, cursor.Node, cursor.Count, cursor.Char, (int)cursor.Mode, cursor.Site?.Id ?? 0);
}
