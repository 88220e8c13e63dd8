using System.Buffers;
using XLLM.Text.Tokenizers.Patterns;

namespace XLLM.Text.Tokenizers.AddedTokens;

/// <summary>Finds added tokens in a text: leftmost, then longest; a trie over UTF-16 units.</summary>
internal sealed class AddedTokenMatcher
{
    private readonly Dictionary<long, int> _edges = [];
    private readonly List<AddedToken?> _tokens = [null];
    private readonly SearchValues<char> _firsts;

    /// <param name="tokens">Tokens with the text each is to be found as; empty texts are never found, a later token wins over
    /// an equal earlier one.</param>
    public AddedTokenMatcher(IEnumerable<(string Text, AddedToken Token)> tokens)
    {
        var firsts = new HashSet<char>();
        foreach ((string text, AddedToken token) in tokens)
        {
            if (text.Length == 0)
            {
                continue;
            }

            firsts.Add(text[0]);
            int node = 0;
            foreach (char c in text)
            {
                if (!_edges.TryGetValue(Key(node, c), out int next))
                {
                    next = _tokens.Count;
                    _tokens.Add(null);
                    _edges[Key(node, c)] = next;
                }

                node = next;
            }

            _tokens[node] = token;
        }

        _firsts = SearchValues.Create([.. firsts]);
    }

    /// <summary>Splits a text into tokens and the stretches between them, as (token or null, start, end).</summary>
    public void Split(ReadOnlySpan<char> text, bool withSpecial, List<(AddedToken? Token, int Start, int End)> parts)
    {
        int done = 0;
        int at = 0;
        while (at < text.Length)
        {
            int skip = text[at..].IndexOfAny(_firsts);
            if (skip < 0)
            {
                break;
            }

            at += skip;
            AddedToken? token = LongestAt(text, at, withSpecial, out int length);
            if (token is null)
            {
                at++;
                continue;
            }

            int start = at;
            int end = at + length;
            at = end;
            if (token.SingleWord && (WordEndsAt(text, start) || WordStartsAt(text, end)))
            {
                continue;
            }

            if (token.LeftStrip)
            {
                while (start > done && char.IsWhiteSpace(text[start - 1]))
                {
                    start--;
                }
            }

            if (token.RightStrip)
            {
                while (end < text.Length && char.IsWhiteSpace(text[end]))
                {
                    end++;
                }
            }

            // Whitespace taken along by the token before may reach over this one's own start, never over its end.
            start = Math.Max(start, done);
            if (start > done)
            {
                parts.Add((null, done, start));
            }

            parts.Add((token, start, end));
            done = end;
            at = Math.Max(at, end);
        }

        if (done < text.Length)
        {
            parts.Add((null, done, text.Length));
        }
    }

    private static long Key(int node, char c) => ((long)node << 16) | c;

    private static bool WordEndsAt(ReadOnlySpan<char> text, int at) =>
        at > 0 && UnicodeSets.RustWord.Contains(CodePoints.Read(text, at - CodePoints.WidthBefore(text, at), out _));

    private static bool WordStartsAt(ReadOnlySpan<char> text, int at) =>
        at < text.Length && UnicodeSets.RustWord.Contains(CodePoints.Read(text, at, out _));

    private AddedToken? LongestAt(ReadOnlySpan<char> text, int at, bool withSpecial, out int length)
    {
        AddedToken? found = null;
        length = 0;
        int node = 0;
        for (int i = at; i < text.Length && _edges.TryGetValue(Key(node, text[i]), out node); i++)
        {
            if (_tokens[node] is { } token && (withSpecial || !token.Special))
            {
                (found, length) = (token, i + 1 - at);
            }
        }

        return found;
    }
}
