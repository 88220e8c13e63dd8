using System.Text;
using XLLM.Text.Tokenizers.AddedTokens;

namespace XLLM.Text.Tokenizers.Normalizers;

/// <summary>
/// SentencePiece's own normalization (normalizer.cc): the longest rule of the charsmap at each position, spaces written as
/// U+2581, one put before the text, runs of spaces optionally made one. User-defined tokens pass unchanged.
/// </summary>
internal sealed class SentencePieceNormalizer(CharsMap map, IEnumerable<string> kept, bool prefix, bool mergeSpaces) : INormalizer
{
    private const char Space = '\u2581';
    private readonly AddedTokenMatcher _kept = new(kept.Select(t => (t, new AddedToken(0, t, Special: false))));

    public string Normalize(string text)
    {
        var parts = new List<(AddedToken? Token, int Start, int End)>();
        _kept.Split(text, withSpecial: true, parts);
        var state = new Writer(prefix, mergeSpaces);
        foreach ((AddedToken? token, int start, int end) in parts)
        {
            if (token is not null)
            {
                state.Write(token.Content);
            }
            else
            {
                Apply(text.AsSpan(start, end - start), state);
            }
        }

        return state.ToString();
    }

    private void Apply(ReadOnlySpan<char> text, Writer output)
    {
        var utf8 = new byte[Encoding.UTF8.GetByteCount(text)];
        Encoding.UTF8.GetBytes(text, utf8);
        for (int at = 0; at < utf8.Length;)
        {
            string? replaced = map.Find(utf8.AsSpan(at), longest: true, out int length);
            if (replaced is null)
            {
                Rune.DecodeFromUtf8(utf8.AsSpan(at), out Rune rune, out length);
                replaced = rune.ToString();
            }

            output.Write(replaced);
            at += length;
        }
    }

    private sealed class Writer(bool prefix, bool mergeSpaces)
    {
        private readonly StringBuilder _text = new();
        private bool _prepended;
        private bool _inWord;

        public void Write(string text)
        {
            foreach (char c in text)
            {
                if (c == ' ')
                {
                    _inWord = false;
                    if (!mergeSpaces)
                    {
                        _text.Append(Space);
                    }

                    continue;
                }

                if (!_inWord)
                {
                    _inWord = true;
                    if ((prefix && !_prepended) || mergeSpaces)
                    {
                        _text.Append(Space);
                        _prepended = true;
                    }
                }

                _text.Append(c);
            }
        }

        public override string ToString() => _text.ToString();
    }
}
