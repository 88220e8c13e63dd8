using XLLM.Grammar.Machine;
using XLLM.Grammar.Tokens;

namespace XLLM.Grammar;

/// <summary>
/// Where one text stands in its grammar. Small, its parts immutable and shared: <see cref="Fork"/> is a copy of a few words,
/// which is how drafts are tried and taken back and how several texts go on from one. One thread at a time.
/// </summary>
public sealed class GrammarState
{
    private readonly GrammarMemory _grammar;
    private readonly GrammarTokenizer _tokenizer;
    private readonly RowCache _rows;
    private Cursor _cursor;

    internal GrammarState(GrammarMemory grammar, GrammarTokenizer tokenizer, RowCache rows, in Cursor cursor, bool ended)
    {
        _grammar = grammar;
        _tokenizer = tokenizer;
        _rows = rows;
        _cursor = cursor;
        IsEnded = ended;
    }

    internal Cursor Cursor => _cursor;

    internal int Rows => _rows.Count;

    /// <summary>An end token has been taken; nothing can follow.</summary>
    public bool IsEnded { get; private set; }

    /// <summary>Whether the text may end here, so that end tokens are allowed.</summary>
    public bool IsAccepting
    {
        get
        {
            lock (_grammar.Gate)
            {
                return !IsEnded && _grammar.Machine.Accepts(_cursor);
            }
        }
    }

    /// <summary>The text may end here, and nothing else can follow.</summary>
    public bool IsClosed
    {
        get
        {
            lock (_grammar.Gate)
            {
                return IsEnded || (_grammar.Machine.Accepts(_cursor) && !_grammar.Machine.GoesOn(_cursor));
            }
        }
    }

    /// <summary>
    /// Keeps other texts of the grammar waiting until <see cref="Release"/>, by the same thread, so that what follows does not
    /// wait for them; false when it was not to be had within the time. What is asked without it waits as long as it takes.
    /// </summary>
    public bool TryHold(int milliseconds) => _grammar.Gate.TryEnter(milliseconds);

    public void Release() => _grammar.Gate.Exit();

    /// <summary>Writes which tokens may come next.</summary>
    /// <param name="mask">At least <see cref="GrammarTokenizer.MaskWords"/> words; words beyond are cleared.</param>
    /// <exception cref="ArgumentException">The mask is too short.</exception>
    public void FillMask(Span<uint> mask)
    {
        if (mask.Length < _tokenizer.MaskWords)
        {
            throw new ArgumentException($"{mask.Length} words; {_tokenizer.MaskWords} are needed", nameof(mask));
        }

        ReadOnlySpan<uint> row = Row(out bool recheck);
        row.CopyTo(mask);
        mask[row.Length..].Clear();
        if (recheck)
        {
            Recheck(mask);
        }
    }

    /// <summary>Which tokens may come next: a row that may be shared, not to be written.</summary>
    public ReadOnlySpan<uint> Mask() => MaskRow();

    /// <summary>As <see cref="Mask"/>, as an array that may be shared and is not to be written.</summary>
    public uint[] MaskRow()
    {
        uint[] row = Row(out bool recheck);
        return recheck ? Rechecked(row) : row;
    }

    /// <summary>
    /// The mask, if it is known already and no other text of the grammar is at work; null = <see cref="MaskRow"/> may take long.
    /// </summary>
    public uint[]? KnownMask()
    {
        if (IsEnded || !_grammar.Gate.TryEnter())
        {
            return null;
        }

        try
        {
            Cursor shared = _grammar.Machine.Shared(_cursor, out bool recheck);
            uint[]? row = _rows.Find(_grammar.Machine.KeyOf(shared, _tokenizer.Tables));
            return row is not null && recheck ? Rechecked(row) : row;
        }
        finally
        {
            _grammar.Gate.Exit();
        }
    }

    /// <summary>
    /// The tokens of a text by the longest that fit, one after the other, as a writer would be made to write it; null when the
    /// vocabulary lacks one.
    /// </summary>
    public int[]? Spell(ReadOnlySpan<byte> text)
    {
        List<int> tokens = [];
        while (!text.IsEmpty)
        {
            int token = _tokenizer.Tables.All.Longest(text, out int length);
            if (token < 0)
            {
                return null;
            }

            tokens.Add(token);
            text = text[length..];
        }

        return [.. tokens];
    }

    private uint[] Rechecked(uint[] row)
    {
        uint[] own = (uint[])row.Clone();
        Recheck(own);
        return own;
    }

    private uint[] Row(out bool recheck)
    {
        TokenTables tokens = _tokenizer.Tables;
        recheck = false;
        if (IsEnded)
        {
            return new uint[tokens.Words];
        }

        lock (_grammar.Gate)
        {
            ByteMachine machine = _grammar.Machine;
            Cursor shared = machine.Shared(_cursor, out recheck);
            RowKey key = machine.KeyOf(shared, tokens);
            if (_rows.Find(key) is { } known)
            {
                return known;
            }

            uint[] row = new uint[tokens.Words];
            if (!machine.TryFillByTables(shared, tokens, row))
            {
                TokenWalk.Fill(machine, shared, tokens.All, row);
            }

            if (machine.Accepts(_cursor))
            {
                foreach (int end in tokens.Ends)
                {
                    TokenTables.Set(row, end);
                }
            }

            _rows.Add(key, row);
            return row;
        }
    }

    /// <summary>A key comes once: tokens with whole keys are put to the state itself.</summary>
    private void Recheck(Span<uint> mask)
    {
        foreach (int token in _tokenizer.Tables.TwoQuotes)
        {
            if (TokenTables.Has(mask, token) && !Allows(token))
            {
                TokenTables.Clear(mask, token);
            }
        }
    }

    /// <summary>Whether a token may come next, without working out a mask.</summary>
    public bool Allows(int token) => Fork().TryAccept(token);

    /// <summary>Goes on by a token; false (and nothing changed) when it may not come.</summary>
    public bool TryAccept(int token)
    {
        if (IsEnded || (uint)token >= (uint)_tokenizer.VocabularySize)
        {
            return false;
        }

        if (Array.IndexOf(_tokenizer.Tables.Ends, token) >= 0)
        {
            return IsEnded = IsAccepting;
        }

        return TryAccept(_tokenizer.Bytes[token].Span);
    }

    /// <summary>Goes on by text; false (and nothing changed) when it may not come, or is empty.</summary>
    public bool TryAccept(ReadOnlySpan<byte> text)
    {
        if (IsEnded || text.IsEmpty)
        {
            return false;
        }

        Cursor cursor = _cursor;
        lock (_grammar.Gate)
        {
            foreach (byte b in text)
            {
                if (!_grammar.Machine.Step(ref cursor, b))
                {
                    return false;
                }
            }
        }

        _cursor = cursor;
        return true;
    }

    /// <summary>A second text that goes on from here on its own.</summary>
    public GrammarState Fork() => new(_grammar, _tokenizer, _rows, _cursor, IsEnded);

    /// <summary>The bytes that must come next, up to a number; none when the text may end or there is a choice.</summary>
    public byte[] ForcedBytes(int most = 64)
    {
        List<byte> forced = [];
        lock (_grammar.Gate)
        {
            Cursor cursor = _cursor;
            while (!IsEnded && forced.Count < most && !_grammar.Machine.Accepts(cursor) && Only(cursor, out byte b))
            {
                forced.Add(b);
                _grammar.Machine.Step(ref cursor, b);
            }
        }

        return [.. forced];
    }

    /// <summary>
    /// Few bytes that bring the text to an end it may have: what a writer that runs out of room is steered by. Empty when it may
    /// end here; null when no such bytes are found within <paramref name="maxBytes"/>, so that the text has to be cut (finish
    /// reason <c>length</c>).
    /// </summary>
    public byte[]? Completion(int maxBytes = 4096)
    {
        lock (_grammar.Gate)
        {
            return IsEnded || _grammar.Machine.Accepts(_cursor) ? [] : _grammar.Machine.Complete(_cursor, maxBytes);
        }
    }

    private bool Only(in Cursor cursor, out byte only)
    {
        only = 0;
        int found = 0;
        for (int b = 0; b < 256 && found < 2; b++)
        {
            Cursor next = cursor;
            if (_grammar.Machine.Step(ref next, (byte)b))
            {
                only = (byte)b;
                found++;
            }
        }

        return found == 1;
    }
}
