using System.Numerics;
using XLLM.Grammar.Text;

namespace XLLM.Grammar.Tokens;

/// <summary>
/// What is worked out once for a vocabulary: the trie of all tokens; for tokens written inside a JSON string, which stay inside
/// (by the code points they need) and which close it, these by what follows the quote.
/// </summary>
internal sealed class TokenTables
{
    /// <summary>Rows of tokens inside a string are kept for lengths up to this.</summary>
    public const int ShortRows = 24;

    private readonly uint[][] _insideUpTo = new uint[ShortRows + 1][];
    private readonly List<(int Token, int Needs)> _long = [];

    public TokenTables(IReadOnlyList<ReadOnlyMemory<byte>> tokens, IReadOnlyList<int> ends)
    {
        Words = (tokens.Count + 31) / 32;
        Ends = [.. ends];
        List<(byte[], int)> all = [], closers = [], tails = [];
        List<int> before = [];
        Inside = new uint[Words];
        for (int n = 0; n <= ShortRows; n++)
        {
            _insideUpTo[n] = new uint[Words];
        }

        for (int t = 0; t < tokens.Count; t++)
        {
            byte[] bytes = tokens[t].ToArray();
            if (bytes.Length == 0)
            {
                continue;
            }

            all.Add((bytes, t));
            int state = 0, points = 0, at = 0;
            CharStep step = CharStep.Complete;
            for (; at < bytes.Length; at++)
            {
                step = CharDecoder.Step(ref state, bytes[at], true, out _);
                if (step is CharStep.Refused or CharStep.Closed)
                {
                    break;
                }

                points += step == CharStep.Complete ? 1 : 0;
            }

            if (step == CharStep.Closed)
            {
                closers.Add((bytes, t));
                tails.Add((bytes[(at + 1)..], before.Count));
                before.Add(points);
                CloserTokens.Add(t);
            }
            else if (step != CharStep.Refused)
            {
                int needs = points + (state != 0 ? 1 : 0);
                Set(Inside, t);
                MostNeeded = Math.Max(MostNeeded, needs);
                for (int n = needs; n <= ShortRows; n++)
                {
                    Set(_insideUpTo[n], t);
                }

                if (needs > ShortRows)
                {
                    _long.Add((t, needs));
                }
            }
        }

        PointsBefore = [.. before];
        All = new TokenTrie(all);
        Closers = new TokenTrie(closers);
        Tails = new TokenTrie(tails);
    }

    /// <summary>Words of 32 bits in a mask.</summary>
    public int Words { get; }

    /// <summary>Tokens that end a text.</summary>
    public int[] Ends { get; }

    public TokenTrie All { get; }

    /// <summary>Tokens that close a string they are written in, whole.</summary>
    public TokenTrie Closers { get; }

    /// <summary>What those tokens have after the quote; entries are numbers of <see cref="CloserTokens"/>.</summary>
    public TokenTrie Tails { get; }

    public List<int> CloserTokens { get; } = [];

    /// <summary>Code points before the quote, by number of closer.</summary>
    public int[] PointsBefore { get; }

    /// <summary>Tokens that stay inside a string.</summary>
    public uint[] Inside { get; }

    /// <summary>The most code points any of them needs.</summary>
    public int MostNeeded { get; private set; }

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

        uint[] row = room >= MostNeeded ? Inside : _insideUpTo[Math.Min(room, ShortRows)];
        Or(mask, row);
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
}
