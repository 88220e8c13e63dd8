using System.Buffers;
using XLLM.Grammar.Formulas;
using XLLM.Grammar.Numbers;
using XLLM.Grammar.Tokens;

namespace XLLM.Grammar.Machine;

/// <summary>Masks by the tables of a vocabulary: each place of a JSON text has tokens that need no walk.</summary>
internal sealed partial class JsonMachine
{
    public override bool TryFillByTables(in Cursor cursor, TokenTables tokens, Span<uint> mask)
    {
        switch (cursor.Mode)
        {
            case Mode.Text or Mode.Key when cursor.Char == 0:
                FillText(cursor, tokens, mask);
                return true;
            case Mode.Text or Mode.Key:
                Walk(cursor, tokens.All, mask, null, 0);
                return true;
            case Mode.Number:
                FillNumber(cursor, tokens, mask);
                return true;
            case Mode.Literal:
                Walk(cursor, tokens.All, mask, null, 0);
                return true;
            case Mode.Done:
                return true;
            default:
                FillBetween(cursor, tokens, mask);
                return true;
        }
    }

    private void FillBetween(in Cursor cursor, TokenTables tokens, Span<uint> mask)
    {
        int left = _maxBlanks - cursor.Count;
        tokens.AddBlanks(mask, left);
        Cursor bare = cursor;
        bare.Count = 0;
        Walk(bare, tokens.Stripped, mask, tokens.StrippedTokens, left);
        if (cursor.Mode is not (Mode.Value or Mode.ArrayOpen))
        {
            return;
        }

        Cursor value = bare;
        if (value.Mode == Mode.ArrayOpen && !NextItem(ref value))
        {
            return;
        }

        Goal goal = value.Goal!;
        if (!goal.Can(ValueKind.Number))
        {
            return;
        }

        if (!(goal.Number.IsFree && !goal.Hashed) && !goal.Number.TakesDigits(null))
        {
            Walk(value, tokens.DigitTokens, mask, null, 0);
            return;
        }

        TokenTables.Or(mask, tokens.Leading);
        Cursor zero = value;
        if (StartValue(ref zero, (byte)'0'))
        {
            foreach (int token in tokens.Zeros)
            {
                TokenTables.Set(mask, token);
            }
        }
    }

    private void FillNumber(in Cursor cursor, TokenTables tokens, Span<uint> mask)
    {
        bool digits = cursor.Phase is NumberPhase.Integer or NumberPhase.Fraction or NumberPhase.Point
            || (cursor.Number is null && cursor.Phase is NumberPhase.Exponent or NumberPhase.E or NumberPhase.ESign);
        if (digits && (cursor.Number is null || cursor.Goal!.Number.TakesDigits(cursor.Number)))
        {
            TokenTables.Or(mask, tokens.Digits);
        }
        else
        {
            Walk(cursor, tokens.DigitTokens, mask, null, 0);
        }

        Walk(cursor, tokens.NumberTokens, mask, null, 0);
        if (cursor.Top is null || !NumberText.Complete(cursor.Phase) || !NumberEnds(cursor))
        {
            return;
        }

        Cursor ended = cursor;
        if (EndNumber(ref ended))
        {
            FillBetween(ended, tokens, mask);
        }
    }

    /// <summary>
    /// Inside a string or key: tokens that stay inside by the largest slice of the vocabulary that may follow whole and a walk over
    /// the others; tokens that close it by what stands before the quote and, once for each outcome, by what follows.
    /// </summary>
    private void FillText(in Cursor cursor, TokenTables tokens, Span<uint> mask)
    {
        TextCursor text = TextAt(cursor);
        FillInside(cursor, text, tokens, mask);
        FillClosers(cursor, text, tokens, mask);
    }

    private void FillInside(in Cursor cursor, TextCursor text, TokenTables tokens, Span<uint> mask)
    {
        LiveStates? live;
        if (cursor.Mode == Mode.Key)
        {
            var frame = (ObjectFrame)cursor.Top!;
            live = frame.Gate.Taken is null && frame.Gate.Labels.Contains(true) ? frame.Plan.LiveStates(frame.Gate) : null;
        }
        else
        {
            TextPlan plan = cursor.Goal!.Text;
            if (plan.IsFree)
            {
                tokens.AddInside(mask, plan.Room(cursor.Count));
                return;
            }

            live = plan.LiveStates(cursor.Count, tokens.MostNeeded);
        }

        TokenTrie rest = tokens.InsideTrie;
        for (int i = 0; live is not null && i < tokens.Slices.Count; i++)
        {
            if (live.TakesAll(cursor.State, i, tokens.Slices[i]))
            {
                TokenTables.Or(mask, tokens.Slices[i].Mask);
                rest = tokens.Slices[i].Others;
                break;
            }
        }

        TextCursor.Position[] path = ArrayPool<TextCursor.Position>.Shared.Rent(rest.MaxDepth + 1);
        path[0] = PositionOf(cursor);
        byte[] bytes = rest.Bytes, depths = rest.Depth;
        int node = 1;
        while (node < bytes.Length)
        {
            int depth = depths[node];
            if (!text.Step(path[depth - 1], bytes[node], out path[depth]))
            {
                node = rest.End[node];
                continue;
            }

            for (int e = rest.FirstEntry(node); e < rest.OwnEnd[node]; e++)
            {
                TokenTables.Set(mask, rest.Entries[e]);
            }

            node++;
        }

        ArrayPool<TextCursor.Position>.Shared.Return(path);
    }

    private void FillClosers(in Cursor cursor, TextCursor text, TokenTables tokens, Span<uint> mask)
    {
        TokenTrie closers = tokens.Closers;
        TextCursor.Position[] path = ArrayPool<TextCursor.Position>.Shared.Rent(closers.MaxDepth + 1);
        path[0] = PositionOf(cursor);
        Dictionary<(int, int), ulong[]?> outcomes = [];
        int node = 0;
        while (node < closers.Count)
        {
            int depth = closers.Depth[node];
            if (node > 0 && !text.Step(path[depth - 1], closers.Bytes[node], out path[depth]))
            {
                node = closers.End[node];
                continue;
            }

            if (closers.FirstEntry(node) < closers.OwnEnd[node] && path[depth].Char == 0
                && Outcome(cursor, path[depth], tokens, outcomes) is { } tails)
            {
                for (int e = closers.FirstEntry(node); e < closers.OwnEnd[node]; e++)
                {
                    int closer = closers.Entries[e];
                    if (Bits.Has(tails, closer))
                    {
                        TokenTables.Set(mask, tokens.CloserTokens[closer]);
                    }
                }
            }

            node++;
        }

        ArrayPool<TextCursor.Position>.Shared.Return(path);
    }

    /// <summary>The tails that may follow a string (or key) that ends in a position; null when it may not end there.</summary>
    private ulong[]? Outcome(in Cursor cursor, in TextCursor.Position at, TokenTables tokens, Dictionary<(int, int), ulong[]?> known)
    {
        Cursor closed = cursor;
        (closed.State, closed.Node, closed.Count, closed.Hash) = (at.State, at.Node, at.Count, at.Hash);
        (int, int) key;
        bool single;
        if (cursor.Mode == Mode.Key)
        {
            var frame = (ObjectFrame)cursor.Top!;
            int keyClass = frame.Plan.ClassOf(at.Node, at.State);
            if (!frame.Plan.IsName(keyClass) && TakenKeys.Has(frame.Taken, at.Hash))
            {
                return null;
            }

            key = (keyClass, 0);
            single = frame.Goal.Hashed;
        }
        else
        {
            key = cursor.Goal!.Text.OutcomeOf(at.Node, at.State, at.Count);
            single = cursor.Goal.Hashed;
        }

        if (single || !known.TryGetValue(key, out ulong[]? tails))
        {
            tails = Step(ref closed, (byte)'"') ? TailsAfter(closed, tokens) : null;
            known[key] = tails;
        }

        return tails;
    }

    private ulong[] TailsAfter(in Cursor closed, TokenTables tokens)
    {
        ulong[] taken = Bits.Make(tokens.CloserTokens.Count);
        TokenTrie tails = tokens.Tails;
        Cursor[] path = ArrayPool<Cursor>.Shared.Rent(tails.MaxDepth + 1);
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
                Bits.Set(taken, tails.Entries[e]);
            }

            node++;
        }

        ArrayPool<Cursor>.Shared.Return(path, true);
        return taken;
    }

    private static TextCursor.Position PositionOf(in Cursor cursor) => new()
    {
        State = cursor.State, Node = cursor.Node, Count = cursor.Count, Char = cursor.Char, Hash = cursor.Hash,
    };

    /// <summary>
    /// A walk over a trie, strings and keys by their inner loop. With <paramref name="stripped"/> the entries are its numbers, taken
    /// up to a number of blanks.
    /// </summary>
    private void Walk(in Cursor start, TokenTrie trie, Span<uint> mask, List<(int Token, int Blanks)>? stripped, int blanks)
    {
        Cursor[] path = ArrayPool<Cursor>.Shared.Rent(trie.MaxDepth + 1);
        TextCursor.Position[] inner = ArrayPool<TextCursor.Position>.Shared.Rent(trie.MaxDepth + 1);
        path[0] = start;
        Sink sink = new(mask, stripped, blanks);
        if (start.Mode is Mode.Text or Mode.Key)
        {
            Inner(trie, 1, trie.Count, path, inner, 0, sink);
        }
        else
        {
            Outer(trie, 1, trie.Count, path, inner, sink);
        }

        ArrayPool<Cursor>.Shared.Return(path, true);
        ArrayPool<TextCursor.Position>.Shared.Return(inner);
    }

    /// <summary>Nodes outside of strings. Calls nest once for each quote of a token.</summary>
    private void Outer(TokenTrie trie, int from, int end, Cursor[] path, TextCursor.Position[] inner, in Sink sink)
    {
        int node = from;
        while (node < end)
        {
            int depth = trie.Depth[node];
            byte b = trie.Bytes[node];
            path[depth] = path[depth - 1];
            if (!Step(ref path[depth], b))
            {
                node = trie.End[node];
                continue;
            }

            sink.Take(trie, node);
            node++;
            if (b == '"' && path[depth].Mode is Mode.Text or Mode.Key)
            {
                int stop = trie.End[node - 1];
                Inner(trie, node, stop, path, inner, depth, sink);
                node = stop;
            }
        }
    }

    /// <summary>Nodes inside the string that is open at a depth.</summary>
    private void Inner(TokenTrie trie, int from, int end, Cursor[] path, TextCursor.Position[] inner, int open, in Sink sink)
    {
        if (from >= end)
        {
            return;
        }

        Cursor at = path[open];
        TextCursor text = TextAt(at);
        inner[open] = PositionOf(at);
        int node = from;
        while (node < end)
        {
            int depth = trie.Depth[node];
            byte b = trie.Bytes[node];
            if (b == '"' && inner[depth - 1].Char == 0)
            {
                TextCursor.Position last = inner[depth - 1];
                Cursor closed = at;
                (closed.State, closed.Node, closed.Count, closed.Hash, closed.Char) = (last.State, last.Node, last.Count, last.Hash, 0);
                int stop = trie.End[node];
                if (Step(ref closed, b))
                {
                    path[depth] = closed;
                    sink.Take(trie, node);
                    Outer(trie, node + 1, stop, path, inner, sink);
                }

                node = stop;
                continue;
            }

            if (!text.Step(inner[depth - 1], b, out inner[depth]))
            {
                node = trie.End[node];
                continue;
            }

            sink.Take(trie, node);
            node++;
        }
    }

    private static TextCursor TextAt(in Cursor cursor) => cursor.Mode == Mode.Key
        ? new TextCursor((ObjectFrame)cursor.Top!)
        : new TextCursor(cursor.Goal!.Text, cursor.Goal.Hashed, cursor.Count);

    /// <summary>Where tokens go that are taken.</summary>
    private readonly ref struct Sink(Span<uint> mask, List<(int Token, int Blanks)>? stripped, int blanks)
    {
        private readonly Span<uint> _mask = mask;

        public void Take(TokenTrie trie, int node)
        {
            for (int e = trie.FirstEntry(node); e < trie.OwnEnd[node]; e++)
            {
                int entry = trie.Entries[e];
                if (stripped is null)
                {
                    TokenTables.Set(_mask, entry);
                }
                else if (stripped[entry].Blanks <= blanks)
                {
                    TokenTables.Set(_mask, stripped[entry].Token);
                }
            }
        }
    }
}
