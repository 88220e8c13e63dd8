using XLLM.Grammar.Tokens;

namespace XLLM.Grammar.Machine;

/// <summary>What masks depend on, and the tables for strings and keys that take any text.</summary>
internal sealed partial class JsonMachine
{
    private readonly Dictionary<FrameKey, long> _frameIds = [];
    private const int MaxFrameIds = 200_000;
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

    public override bool TryFillByTables(in Cursor cursor, TokenTables tokens, Span<uint> mask)
    {
        if (cursor.Char != 0)
        {
            return false;
        }

        if (cursor.Mode == Mode.Text && !cursor.Goal!.Hashed && cursor.Goal.Text.IsFree)
        {
            FillFreeText(cursor, tokens, mask);
            return true;
        }

        if (cursor.Mode == Mode.Key && ((ObjectFrame)cursor.Top!).Plan.Keys.Automaton.IsTrivial
            && ((ObjectFrame)cursor.Top).Gate.Labels[0])
        {
            FillOpenKey(cursor, tokens, mask);
            return true;
        }

        return false;
    }

    private void FillFreeText(in Cursor cursor, TokenTables tokens, Span<uint> mask)
    {
        TextPlan plan = cursor.Goal!.Text;
        int room = 0;
        foreach (TextRegion region in plan.Regions)
        {
            if (!region.Labels[0] || region.Last < cursor.Count)
            {
                continue;
            }

            int most = region.Last == int.MaxValue ? int.MaxValue : region.Last - cursor.Count;
            room = Math.Max(room, most);
            Cursor closed = cursor;
            if (CloseValue(ref closed, region.Verdicts[0], 0))
            {
                FillTails(closed, tokens, mask, Math.Max(0, region.First - cursor.Count), most);
            }
        }

        tokens.AddInside(mask, room);
    }

    private void FillTails(in Cursor closed, TokenTables tokens, Span<uint> mask, int least, int most)
    {
        TokenTrie tails = tokens.Tails;
        Cursor[] path = System.Buffers.ArrayPool<Cursor>.Shared.Rent(tails.MaxDepth + 1);
        path[0] = closed;
        int node = 0;
        while (node < tails.Count)
        {
            int depth = tails.Depth[node];
            if (node > 0)
            {
                path[depth] = path[depth - 1];
                if (!Step(ref path[depth], tails.Bytes[node]))
                {
                    node = tails.End[node];
                    continue;
                }
            }

            for (int e = tails.FirstEntry(node); e < tails.OwnEnd[node]; e++)
            {
                int closer = tails.Entries[e];
                int points = tokens.PointsBefore[closer];
                if (points >= least && points <= most)
                {
                    TokenTables.Set(mask, tokens.CloserTokens[closer]);
                }
            }

            node++;
        }

        System.Buffers.ArrayPool<Cursor>.Shared.Return(path, true);
    }

    /// <summary>
    /// A key of an object that takes further keys: all text stays inside. Tokens that close the key are taken as further keys, then
    /// those that end in one of the names (or in a key that is there already) are judged one by one.
    /// </summary>
    private void FillOpenKey(in Cursor cursor, TokenTables tokens, Span<uint> mask)
    {
        var frame = (ObjectFrame)cursor.Top!;
        tokens.AddInside(mask, int.MaxValue);
        if (frame.Taken is not null)
        {
            TokenWalk.Fill(this, cursor, tokens.Closers, mask);
            return;
        }

        Cursor further = cursor;
        further.Node = -1;
        if (CloseKey(ref further, frame))
        {
            FillTails(further, tokens, mask, 0, int.MaxValue);
        }

        if (cursor.Node < 0)
        {
            return;
        }

        TokenTrie trie = tokens.Closers;
        Cursor[] path = System.Buffers.ArrayPool<Cursor>.Shared.Rent(trie.MaxDepth + 1);
        path[0] = cursor;
        int node = 1;
        while (node < trie.Count)
        {
            int depth = trie.Depth[node];
            Cursor before = path[depth - 1];
            path[depth] = before;
            bool inKey = ReferenceEquals(before.Top, frame);
            bool taken = Step(ref path[depth], trie.Bytes[node]);
            if (inKey && trie.Bytes[node] == '"' && before.Char == 0)
            {
                // The key ends in the trie of names: what was said of further keys does not count.
                for (int e = trie.FirstEntry(node); e < trie.EntriesEnd(node); e++)
                {
                    TokenTables.Clear(mask, trie.Entries[e]);
                }
            }

            if (!taken || (inKey && path[depth].Mode == Mode.Key && path[depth].Node < 0))
            {
                node = trie.End[node];
                continue;
            }

            for (int e = trie.FirstEntry(node); e < trie.OwnEnd[node]; e++)
            {
                TokenTables.Set(mask, trie.Entries[e]);
            }

            node++;
        }

        System.Buffers.ArrayPool<Cursor>.Shared.Return(path, true);
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
