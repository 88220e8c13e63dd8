using System.Runtime.CompilerServices;
using XLLM.Grammar.Machine;
using XLLM.Grammar.Tokens;

namespace XLLM.Grammar.Structures;

/// <summary>
/// Masks of structures: a part's own mask, shared by all places it stands in, and the tokens that go on beyond its end. Where a
/// text may be read in several ways, what any of them takes.
/// </summary>
internal sealed partial class StructureMachine
{
    private const long NoSpot = -1;

    // Rows of parts alone are kept apart from those of places, by numbers below these.
    private const long FirstPart = -10;

    private readonly long _maxRowBytes;
    private readonly ConditionalWeakTable<TokenTables, RowCache> _rows = [];

    public override long RowBytes => _rows.Sum(r => r.Value.Bytes);

    public override RowKey KeyOf(in Cursor cursor, TokenTables tokens)
    {
        if (cursor.Place is not Spot spot)
        {
            return new RowKey(cursor.Place!.Id, 0, 0, 0, 0, 0, 0, 0, null, NoSpot);
        }

        return spot.Node.Kind == NodeKind.Inner
            ? _inner[spot.Node.Inner].KeyOf(cursor, tokens) with { Place = spot.Id }
            : new RowKey(0, 0, 0, cursor.State, 0, 0, 0, 0, null, spot.Id);
    }

    public override Cursor Shared(in Cursor cursor, out bool recheck)
    {
        recheck = false;
        if (cursor.Place is Spot { Node: { Kind: NodeKind.Inner } node })
        {
            return _inner[node.Inner].Shared(cursor, out recheck);
        }

        if (cursor.Place is not Ways ways)
        {
            return cursor;
        }

        Cursor[] shared = new Cursor[ways.Cursors.Length];
        for (int i = 0; i < shared.Length; i++)
        {
            shared[i] = Shared(ways.Cursors[i], out bool one);
            recheck |= one;
        }

        Cursor all = cursor;
        all.Place = recheck ? new Ways(++_placeIds, ways.Accepts, shared) : ways;
        return all;
    }

    public override bool TryFillByTables(in Cursor cursor, TokenTables tokens, Span<uint> mask)
    {
        if (cursor.Place is Ways ways)
        {
            foreach (Cursor way in ways.Cursors)
            {
                TokenTables.Or(mask, RowOf(way, tokens));
            }

            return true;
        }

        Spot spot = (Spot)cursor.Place!;
        if (spot.Node.Kind != NodeKind.Inner)
        {
            TokenWalk.Fill(this, cursor, tokens.All, mask);
            return true;
        }

        ByteMachine inner = _inner[spot.Node.Inner];
        if (spot.Tail is not null && inner is not JsonMachine)
        {
            TokenWalk.Fill(this, cursor, tokens.All, mask);
            return true;
        }

        TokenTables.Or(mask, PartRow(spot.Node, cursor, tokens));
        if (spot.Tail is not null && ((JsonMachine)inner).Crossers(cursor, tokens) is { } crossers)
        {
            TokenWalk.Fill(this, cursor, crossers, mask);
        }

        return true;
    }

    private uint[] RowOf(in Cursor way, TokenTables tokens)
    {
        RowCache rows = _rows.GetValue(tokens, _ => new RowCache(_maxRowBytes));
        RowKey key = KeyOf(way, tokens);
        if (rows.Find(key) is { } known)
        {
            return known;
        }

        uint[] row = new uint[tokens.Words];
        TryFillByTables(way, tokens, row);
        rows.Add(key, row);
        return row;
    }

    /// <summary>What a part's machine takes, as if nothing followed.</summary>
    private uint[] PartRow(StructureNode node, in Cursor cursor, TokenTables tokens)
    {
        RowCache rows = _rows.GetValue(tokens, _ => new RowCache(_maxRowBytes));
        ByteMachine inner = _inner[node.Inner];
        RowKey key = inner.KeyOf(cursor, tokens) with { Place = FirstPart - node.Inner };
        if (rows.Find(key) is { } known)
        {
            return known;
        }

        uint[] row = new uint[tokens.Words];
        if (!inner.TryFillByTables(cursor, tokens, row))
        {
            TokenWalk.Fill(inner, cursor, tokens.All, row);
        }

        rows.Add(key, row);
        return row;
    }
}
