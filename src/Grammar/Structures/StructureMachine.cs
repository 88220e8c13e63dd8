using XLLM.Grammar.Machine;
using XLLM.Grammar.Tokens;

namespace XLLM.Grammar.Structures;

/// <summary>
/// A structure at work. A text usually stands in one part in one way: then the cursor is the part's own, with a
/// <see cref="Spot"/>. Where parts may end or begin differently it stands in several ways, each a cursor of its own; ways that
/// fail fall away.
/// </summary>
internal sealed partial class StructureMachine : ByteMachine
{
    /// <summary>Ways a text may be read in at once.</summary>
    private const int MaxWays = 4_096;

    private readonly ByteMachine[] _inner;
    private readonly Dictionary<(int Node, int Count, int Below), Tail> _tails = [];
    private readonly Dictionary<(int Node, int Count, int Tail, bool Accepts), Spot> _spots = [];
    private readonly Cursor _start;
    private int _tailIds;
    private long _placeIds;

    /// <param name="root">The tree.</param>
    /// <param name="inner">The machines of its leaves, by number; owned from now on.</param>
    /// <param name="limits">Masks of its own are kept up to half of what it says.</param>
    public StructureMachine(StructureNode root, ByteMachine[] inner, GrammarLimits limits)
    {
        _inner = inner;
        _maxRowBytes = limits.MaxRowBytes / 2;
        CheckRepeats(root);
        Front front = new();
        Enter(root, null, front);
        _start = Gather(front);
    }

    public override bool IsWorn => Array.Exists(_inner, m => m.IsWorn);

    public override Cursor Start => _start;

    public override bool Accepts(in Cursor cursor) => cursor.Place!.Accepts;

    public override bool GoesOn(in Cursor cursor) => cursor.Place is Spot or Ways { Cursors.Length: > 0 };

    public override bool Step(ref Cursor cursor, byte b)
    {
        if (cursor.Place is Spot spot)
        {
            if (spot.Node.Kind == NodeKind.Inner)
            {
                ByteMachine inner = _inner[spot.Node.Inner];
                if (!inner.Step(ref cursor, b))
                {
                    return false;
                }

                if (!inner.Accepts(cursor))
                {
                    if (spot.Accepts)
                    {
                        cursor.Place = SpotOf(spot.Node, spot.Count, spot.Tail, false);
                    }

                    return true;
                }
            }
            else if (spot.Node.Kind is NodeKind.Until or NodeKind.Triggered)
            {
                // Free text mostly stays free.
                int next = spot.Node.Marks!.Step(cursor.State, b);
                if (spot.Node.Marks.Found(next) < 0
                    && (spot.Tail is null || spot.Node.Kind == NodeKind.Until || spot.Count < spot.Node.Min))
                {
                    cursor.State = next;
                    return true;
                }
            }

            Front alone = new();
            StepPart(cursor, spot, b, alone, spot.Node.Kind == NodeKind.Inner);
            return Settle(ref cursor, alone);
        }

        Front front = new();
        foreach (Cursor way in ((Ways)cursor.Place!).Cursors)
        {
            StepPart(way, (Spot)way.Place!, b, front, false);
        }

        return Settle(ref cursor, front);
    }

    private bool Settle(ref Cursor cursor, Front front)
    {
        if (front.Ways.Count == 0 && !front.Accepts)
        {
            return false;
        }

        cursor = Gather(front);
        return true;
    }

    /// <summary>
    /// One byte further in one way. <paramref name="stepped"/>: the cursor, of a machine, has taken it already.
    /// </summary>
    private void StepPart(Cursor cursor, Spot spot, byte b, Front front, bool stepped)
    {
        StructureNode node = spot.Node;
        switch (node.Kind)
        {
            case NodeKind.Literal:
                if (node.Bytes[cursor.State] != b)
                {
                    return;
                }

                if (++cursor.State == node.Bytes.Length)
                {
                    Continue(spot.Tail, front);
                }
                else
                {
                    Add(front, cursor, spot);
                }

                return;
            case NodeKind.Inner:
                ByteMachine inner = _inner[node.Inner];
                if (!stepped && !inner.Step(ref cursor, b))
                {
                    return;
                }

                bool ends = inner.Accepts(cursor);
                if (!ends || inner.GoesOn(cursor))
                {
                    Add(front, cursor, spot);
                }

                if (ends)
                {
                    Continue(spot.Tail, front);
                }

                return;
            default:
                cursor.State = node.Marks!.Step(cursor.State, b);
                int found = node.Marks.Found(cursor.State);
                if (found < 0)
                {
                    Add(front, cursor, spot);
                    if (node.Kind == NodeKind.Triggered && spot.Count >= node.Min)
                    {
                        Continue(spot.Tail, front);
                    }
                }
                else if (node.Kind == NodeKind.Until)
                {
                    Continue(spot.Tail, front);
                }
                else
                {
                    Tail after = TailOf(node, node.CountAfter(spot.Count), spot.Tail);
                    for (int i = 0; i < node.Parts.Length; i++)
                    {
                        if (node.MarkOf[i] == found)
                        {
                            Enter(node.Parts[i], after, front);
                        }
                    }
                }

                return;
        }
    }

    private static void Add(Front front, Cursor cursor, Spot spot)
    {
        cursor.Place = spot;
        front.Ways.Add(cursor);
        if (front.Ways.Count > MaxWays)
        {
            throw new GrammarRefusedException("#", "limit", $"a text fits the structure in more than {MaxWays} ways at once");
        }
    }

    /// <summary>One way: its cursor. Ways of a set have spots that do not accept; the set says it for all.</summary>
    private Cursor Gather(Front front)
    {
        Cursor cursor = default;
        if (front.Ways.Count == 1)
        {
            cursor = front.Ways.First();
            Spot spot = (Spot)cursor.Place!;
            cursor.Place = spot.Accepts == front.Accepts ? spot : SpotOf(spot.Node, spot.Count, spot.Tail, front.Accepts);
            return cursor;
        }

        Cursor[] ways = [.. front.Ways];
        foreach (ref Cursor way in ways.AsSpan())
        {
            Spot spot = (Spot)way.Place!;
            way.Place = spot.Accepts ? SpotOf(spot.Node, spot.Count, spot.Tail, false) : spot;
        }

        cursor.Place = new Ways(++_placeIds, front.Accepts, ways);
        return cursor;
    }

    private Spot SpotOf(StructureNode node, int count, Tail? tail, bool accepts)
    {
        (int, int, int, bool) key = (node.Id, count, tail?.Id ?? 0, accepts);
        if (!_spots.TryGetValue(key, out Spot? spot))
        {
            spot = new Spot(++_placeIds, accepts, node, count, tail);
            _spots.Add(key, spot);
        }

        return spot;
    }

    private Tail TailOf(StructureNode node, int count, Tail? below)
    {
        (int, int, int) key = (node.Id, count, below?.Id ?? 0);
        if (!_tails.TryGetValue(key, out Tail? tail))
        {
            tail = new Tail(++_tailIds, node, count, below);
            _tails.Add(key, tail);
        }

        return tail;
    }

    /// <summary>A repeated part that may be empty could be repeated without end within no text.</summary>
    private bool CheckRepeats(StructureNode node)
    {
        bool[] parts = [.. node.Parts.Select(CheckRepeats)];
        if (node.Kind == NodeKind.Repeat && parts[0] && node.Max is not (0 or 1))
        {
            throw new GrammarRefusedException("#", "structure", "a part that is repeated may be empty; it has to take some text");
        }

        return node.Kind switch
        {
            NodeKind.Literal => node.Bytes.Length == 0,
            NodeKind.Inner => _inner[node.Inner].Accepts(_inner[node.Inner].Start),
            NodeKind.Sequence => Array.TrueForAll(parts, p => p),
            NodeKind.OneOf => Array.Exists(parts, p => p),
            NodeKind.Repeat => node.Min == 0 || parts[0],
            NodeKind.Triggered => node.Min == 0,
            _ => false,
        };
    }

    /// <summary>Where a text may stand after a byte.</summary>
    private sealed class Front
    {
        public HashSet<Cursor> Ways { get; } = new(CursorEquality.Instance);

        public HashSet<Tail> Continued { get; } = [];

        public bool Accepts { get; set; }
    }
}
