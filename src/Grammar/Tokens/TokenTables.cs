using System.Numerics;
using XLLM.Grammar.Text;

namespace XLLM.Grammar.Tokens;

/// <summary>
/// What is worked out once for a vocabulary: tries and finished masks for the places of a JSON text. Tokens are sorted by what they do
/// inside a string (stay there, or close it) and between values (blanks, digits, other).
/// </summary>
internal sealed class TokenTables
{
    /// <summary>Rows of tokens inside a string are kept for lengths up to this.</summary>
    public const int ShortRows = 24;

    private readonly uint[][] _insideUpTo = new uint[ShortRows + 1][];
    private readonly List<(int Token, int Needs)> _long = [];
    private readonly List<(int Token, int Length)> _blanks = [];
    private readonly uint[] _allBlanks;

    public TokenTables(IReadOnlyList<ReadOnlyMemory<byte>> tokens, IReadOnlyList<int> ends)
    {
        Words = (tokens.Count + 31) / 32;
        Ends = [.. ends];
        Digits = new uint[Words];
        Leading = new uint[Words];
        _allBlanks = new uint[Words];
        (byte[] Bytes, int Token)[] sorted =
        [
            .. tokens.Select((t, i) => (Bytes: t.ToArray(), Token: i)).Where(t => t.Bytes.Length > 0 && !ends.Contains(t.Token)),
        ];
        Array.Sort(sorted, static (a, b) =>
            a.Bytes.AsSpan().SequenceCompareTo(b.Bytes) is var c && c != 0 ? c : a.Token.CompareTo(b.Token));
        All = new TokenTrie(sorted, true);
        List<(byte[] Bytes, int Token, int Needs)> inside = [];
        List<(byte[], int)> closed = [], tails = [], stripped = [], digits = [], numbers = [];
        List<int> before = [];
        foreach ((byte[] bytes, int token) in sorted)
        {
            InString(bytes, token, inside, closed, tails, before);
            if (bytes.AsSpan().Count((byte)'"') > 1)
            {
                TwoQuotes.Add(token);
            }

            Between(bytes, token, stripped, digits, numbers);
        }

        PointsBefore = [.. before];
        Crossers = new TokenTrie([.. sorted.Where(t => t.Bytes.AsSpan(0, t.Bytes.Length - 1).IndexOfAny("}]"u8) >= 0)], true);
        MostClosing = sorted.Select(t => t.Bytes.Count(b => b is (byte)'}' or (byte)']')).DefaultIfEmpty().Max();
        Closers = new TokenTrie(closed, false);
        Tails = new TokenTrie(tails, false);
        Stripped = new TokenTrie(stripped, false);
        DigitTokens = new TokenTrie(digits, true);
        NumberTokens = new TokenTrie(numbers, true);
        Slices = [.. TokenSlice.Alphabets.Select(a => TokenSlice.Make(a, inside, Words))];
        InsideTrie = new TokenTrie([.. inside.Select(i => (i.Bytes, i.Token))], true);
        MostNeeded = inside.Select(i => i.Needs).DefaultIfEmpty().Max();
        for (int n = 0; n <= ShortRows; n++)
        {
            _insideUpTo[n] = new uint[Words];
            foreach ((_, int token, int needs) in inside)
            {
                if (needs <= n)
                {
                    Set(_insideUpTo[n], token);
                }
            }
        }

        _long.AddRange(inside.Where(i => i.Needs > ShortRows).Select(i => (i.Token, i.Needs)));
    }

    /// <summary>Words of 32 bits in a mask.</summary>
    public int Words { get; }

    /// <summary>Tokens that end a text.</summary>
    public int[] Ends { get; }

    public TokenTrie All { get; }

    /// <summary>Tokens that stay inside a string, by alphabet; the first has them all.</summary>
    public IReadOnlyList<TokenSlice> Slices { get; }

    public TokenTrie InsideTrie { get; }

    /// <summary>What tokens that close a string have before the quote; entries are numbers of <see cref="CloserTokens"/>.</summary>
    public TokenTrie Closers { get; }

    /// <summary>What they have after the quote; the same entries.</summary>
    public TokenTrie Tails { get; }

    public List<int> CloserTokens { get; } = [];

    /// <summary>Code points before the quote, by number of closer.</summary>
    public int[] PointsBefore { get; }

    /// <summary>
    /// Tokens for places between values without the blanks they begin with; neither blanks only nor digits only. Entries are numbers
    /// of <see cref="StrippedTokens"/>.
    /// </summary>
    public TokenTrie Stripped { get; }

    public List<(int Token, int Blanks)> StrippedTokens { get; } = [];

    /// <summary>Tokens that may hold a whole key.</summary>
    public List<int> TwoQuotes { get; } = [];

    /// <summary>Tokens of digits only.</summary>
    public TokenTrie DigitTokens { get; }

    public uint[] Digits { get; }

    /// <summary>Tokens of digits that do not begin with 0.</summary>
    public uint[] Leading { get; }

    /// <summary>The tokens <c>0</c>.</summary>
    public List<int> Zeros { get; } = [];

    /// <summary>Tokens that begin with a character of numbers and are not digits only.</summary>
    public TokenTrie NumberTokens { get; }

    /// <summary>Tokens that may close an object or array and go on after it.</summary>
    public TokenTrie Crossers { get; }

    /// <summary>The most closing brackets of one token.</summary>
    public int MostClosing { get; }

    /// <summary>The most code points a token needs inside a string.</summary>
    public int MostNeeded { get; }

    public static void Set(Span<uint> mask, int token) => mask[token >> 5] |= 1u << token;

    public static void Clear(Span<uint> mask, int token) => mask[token >> 5] &= ~(1u << token);

    public static bool Has(ReadOnlySpan<uint> mask, int token) => (mask[token >> 5] >> token & 1) != 0;

    /// <summary>Adds the tokens that stay inside a string which has room for a number of code points.</summary>
    public void AddInside(Span<uint> mask, int room)
    {
        if (room <= 0)
        {
            return;
        }

        Or(mask, room >= MostNeeded ? Slices[0].Mask : _insideUpTo[Math.Min(room, ShortRows)]);
        if (room < MostNeeded && room > ShortRows)
        {
            foreach ((int token, int needs) in _long)
            {
                if (needs <= room)
                {
                    Set(mask, token);
                }
            }
        }
    }

    /// <summary>Adds the tokens of blanks only, up to a number of them.</summary>
    public void AddBlanks(Span<uint> mask, int room)
    {
        if (room >= All.MaxDepth)
        {
            Or(mask, _allBlanks);
            return;
        }

        foreach ((int token, int length) in _blanks)
        {
            if (length <= room)
            {
                Set(mask, token);
            }
        }
    }

    public static void Or(Span<uint> mask, ReadOnlySpan<uint> row)
    {
        int i = 0;
        for (; i + Vector<uint>.Count <= mask.Length; i += Vector<uint>.Count)
        {
            (new Vector<uint>(mask[i..]) | new Vector<uint>(row[i..])).CopyTo(mask[i..]);
        }

        for (; i < mask.Length; i++)
        {
            mask[i] |= row[i];
        }
    }

    private void InString(
        byte[] bytes, int token, List<(byte[], int, int)> inside, List<(byte[], int)> closed, List<(byte[], int)> tails, List<int> before)
    {
        int state = 0, points = 0;
        for (int at = 0; at < bytes.Length; at++)
        {
            switch (CharDecoder.Step(ref state, bytes[at], true, out _))
            {
                case CharStep.Refused:
                    return;
                case CharStep.Complete:
                    points++;
                    break;
                case CharStep.Closed:
                    closed.Add((bytes[..at], before.Count));
                    tails.Add((bytes[(at + 1)..], before.Count));
                    before.Add(points);
                    CloserTokens.Add(token);
                    return;
            }
        }

        inside.Add((bytes, token, points + (state != 0 ? 1 : 0)));
    }

    private void Between(byte[] bytes, int token, List<(byte[], int)> stripped, List<(byte[], int)> digits, List<(byte[], int)> numbers)
    {
        int blanks = bytes.AsSpan().IndexOfAnyExcept(" \t\r\n"u8);
        if (blanks < 0)
        {
            _blanks.Add((token, bytes.Length));
            Set(_allBlanks, token);
            return;
        }

        if (bytes.AsSpan().IndexOfAnyExceptInRange((byte)'0', (byte)'9') < 0)
        {
            digits.Add((bytes, token));
            Set(Digits, token);
            if (bytes[0] != '0')
            {
                Set(Leading, token);
            }
            else if (bytes.Length == 1)
            {
                Zeros.Add(token);
            }

            return;
        }

        stripped.Add((bytes[blanks..], StrippedTokens.Count));
        StrippedTokens.Add((token, blanks));
        if ("0123456789+-.eE"u8.Contains(bytes[0]))
        {
            numbers.Add((bytes, token));
        }
    }
}
