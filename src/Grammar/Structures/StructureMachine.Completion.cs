using XLLM.Grammar.Machine;

namespace XLLM.Grammar.Structures;

/// <summary>Short ends of texts: that of the part, and the shortest of what follows.</summary>
internal sealed partial class StructureMachine
{
    // Longer ends are not looked for: what follows a part may be many parts.
    private const int MaxShort = 1 << 16;

    private readonly Dictionary<int, byte[]?> _short = [];

    public override byte[]? Complete(in Cursor cursor, int maxBytes)
    {
        if (Accepts(cursor))
        {
            return [];
        }

        byte[]? best = null;
        foreach (Cursor way in cursor.Place is Ways ways ? ways.Cursors : [cursor])
        {
            if (CompleteWay(way) is { } text && text.Length <= maxBytes && (best is null || text.Length < best.Length))
            {
                best = text;
            }
        }

        Cursor at = cursor;
        foreach (byte b in best ?? [])
        {
            if (!Step(ref at, b))
            {
                return null;
            }
        }

        return best is not null && Accepts(at) ? best : null;
    }

    private byte[]? CompleteWay(in Cursor cursor)
    {
        Spot spot = (Spot)cursor.Place!;
        StructureNode node = spot.Node;
        switch (node.Kind)
        {
            case NodeKind.Literal:
                return Join(node.Bytes[cursor.State..], ShortTail(spot.Tail));
            case NodeKind.Inner:
                ByteMachine inner = _inner[node.Inner];
                return Join(inner.Accepts(cursor) ? [] : inner.Complete(cursor, MaxShort), ShortTail(spot.Tail));
            case NodeKind.Until:
                return Join(Nearest(node, cursor.State), ShortTail(spot.Tail));
            default:
                return spot.Count >= node.Min ? ShortTail(spot.Tail)
                    : Join(Nearest(node, cursor.State), ShortTail(TailOf(node, node.CountAfter(spot.Count), spot.Tail)));
        }
    }

    /// <summary>The mark that is nearest, with the part that follows it.</summary>
    private byte[]? Nearest(StructureNode node, int state)
    {
        byte[]? best = null;
        for (int i = 0; i < Math.Max(node.Parts.Length, node.Kind == NodeKind.Until ? node.Marks!.Marks.Length : 0); i++)
        {
            int mark = node.Kind == NodeKind.Until ? i : node.MarkOf[i];
            byte[]? text = Join(node.Marks!.Rest(state, mark).ToArray(), node.Kind == NodeKind.Until ? [] : Short(node.Parts[i]));
            if (text is not null && (best is null || text.Length < best.Length))
            {
                best = text;
            }
        }

        return best;
    }

    private byte[]? Short(StructureNode node)
    {
        if (!_short.TryGetValue(node.Id, out byte[]? known))
        {
            known = FindShort(node);
            _short[node.Id] = known;
        }

        return known;
    }

    private byte[]? FindShort(StructureNode node)
    {
        switch (node.Kind)
        {
            case NodeKind.Literal:
                return node.Bytes;
            case NodeKind.Inner:
                ByteMachine inner = _inner[node.Inner];
                return inner.Accepts(inner.Start) ? [] : inner.Complete(inner.Start, MaxShort);
            case NodeKind.Sequence:
                return node.Parts.Aggregate((byte[]?)[], (text, part) => Join(text, Short(part)));
            case NodeKind.OneOf:
                return node.Parts.Select(Short).Where(t => t is not null).MinBy(t => t!.Length);
            case NodeKind.Repeat:
                return Times(node.Min, node.Min == 0 ? [] : Short(node.Parts[0]));
            case NodeKind.Until:
                return Nearest(node, 0);
            default:
                return Times(node.Min, node.Min == 0 ? [] : Nearest(node, 0));
        }
    }

    private byte[]? ShortTail(Tail? tail)
    {
        if (tail is null)
        {
            return [];
        }

        if (tail.Short is null)
        {
            StructureNode node = tail.Node;
            int left = Math.Max(0, node.Min - tail.Count);
            byte[]? own = node.Kind switch
            {
                NodeKind.Sequence => node.Parts.Skip(tail.Count).Aggregate((byte[]?)[], (text, part) => Join(text, Short(part))),
                NodeKind.Repeat => Times(left, left == 0 ? [] : Short(node.Parts[0])),
                _ => Times(left, left == 0 ? [] : Nearest(node, 0)),
            };
            tail.Short = Join(own, ShortTail(tail.Below));
        }

        return tail.Short;
    }

    private static byte[]? Times(int count, byte[]? text)
    {
        byte[]? all = [];
        for (int i = 0; i < count && all is not null; i++)
        {
            all = Join(all, text);
        }

        return all;
    }

    private static byte[]? Join(byte[]? one, byte[]? two) =>
        one is null || two is null || one.Length + two.Length > MaxShort ? null : [.. one, .. two];
}
