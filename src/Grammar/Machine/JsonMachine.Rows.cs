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
                hash = ((ObjectFrame)cursor.Top!).Taken is null ? 0 : cursor.Hash;
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
