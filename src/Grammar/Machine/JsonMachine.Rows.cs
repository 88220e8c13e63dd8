using XLLM.Grammar.Formulas;
using XLLM.Grammar.Tokens;

namespace XLLM.Grammar.Machine;

/// <summary>What masks depend on.</summary>
internal sealed partial class JsonMachine
{
    private const int MaxFrameIds = 200_000;

    private readonly Dictionary<FrameKey, long> _frameIds = [];
    private long _nextFrameId;

    public override RowKey KeyOf(in Cursor cursor, TokenTables tokens)
    {
        int count = cursor.Count;
        ulong hash = 0;
        switch (cursor.Mode)
        {
            case Mode.Text:
                count = cursor.Goal!.Text.Canonical(count, tokens.MostNeeded);
                hash = cursor.Goal.Hashed ? cursor.Hash : 0;
                break;
            case Mode.Key:
                hash = ((ObjectFrame)cursor.Top!).Taken is { } taken ? ValueHash.Mix(cursor.Hash, taken.SetHash) : 0;
                break;
            case Mode.Number or Mode.Literal:
                break;
            default:
                count = _maxBlanks - count > tokens.All.MaxDepth ? -1 : count;
                break;
        }

        return new RowKey(
            FrameId(cursor.Top), cursor.Goal?.Id ?? 0, ((int)cursor.Mode << 8) | (int)cursor.Phase, cursor.State, cursor.Node, count,
            cursor.Char, hash, cursor.Number);
    }

    /// <summary>The tokens among which are all that end the whole value and go on after it; null = there are none.</summary>
    public TokenTrie? Crossers(in Cursor cursor, TokenTables tokens)
    {
        if (cursor.Top is not null)
        {
            return cursor.Top.Depth > tokens.MostClosing ? null : tokens.Crossers;
        }

        bool isScalar = cursor.Mode != Mode.Value;
        for (ValueKind kind = ValueKind.Null; !isScalar && kind <= ValueKind.Object; kind++)
        {
            isScalar = kind is not (ValueKind.Array or ValueKind.Object) && cursor.Goal!.Can(kind);
        }

        return isScalar ? tokens.All : tokens.Crossers;
    }

    /// <summary>
    /// Further keys of an object are nearly always others than those it has: masks are shared as if there were none. Only where a key
    /// is being written do those of its own object count.
    /// </summary>
    public override Cursor Shared(in Cursor cursor, out bool recheck)
    {
        recheck = false;
        for (Frame? frame = cursor.Top; frame is not null && !recheck; frame = frame.Parent)
        {
            recheck = frame is ObjectFrame { Taken: not null } o && o.Plan.Keys.Automaton.IsTrivial;
        }

        Cursor shared = cursor;
        if (recheck)
        {
            // Once for the frame itself: its copies without keys have the same.
            FrameId(cursor.Top);
            shared.Top = WithoutTaken(cursor.Top!, cursor.Mode == Mode.Key);
        }

        return shared;
    }

    private static Frame WithoutTaken(Frame frame, bool keepOwn)
    {
        Frame? parent = frame.Parent is null ? null : WithoutTaken(frame.Parent, false);
        if (frame is ArrayFrame a)
        {
            return ReferenceEquals(parent, frame.Parent)
                ? frame
                : new ArrayFrame(parent, a.Goal, a.Plan, a.Hash)
                {
                    Count = a.Count, Failed = a.Failed, Matches = a.Matches, Items = a.Items, RowId = a.RowId,
                };
        }

        var o = (ObjectFrame)frame;
        bool drop = o.Taken is not null && !keepOwn && o.Plan.Keys.Automaton.IsTrivial;
        return !drop && ReferenceEquals(parent, frame.Parent)
            ? frame
            : new ObjectFrame(parent, o.Goal, o.Plan, o.Hash)
            {
                Seen = o.Seen, Count = o.Count, Failed = o.Failed, Last = o.Last, Taken = drop ? null : o.Taken, Child = o.Child,
                KeyHash = o.KeyHash, RowId = o.RowId,
            };
    }

    private long FrameId(Frame? frame)
    {
        if (frame is null)
        {
            return 0;
        }

        if (frame.RowId == 0)
        {
            // Ids are never given twice, so forgetting them costs rows, not truth.
            if (_frameIds.Count >= MaxFrameIds)
            {
                _frameIds.Clear();
            }

            var key = FrameKey.Of(frame, FrameId(frame.Parent));
            if (!_frameIds.TryGetValue(key, out long id))
            {
                id = ++_nextFrameId;
                _frameIds.Add(key, id);
            }

            frame.RowId = id;
        }

        return frame.RowId;
    }
}
