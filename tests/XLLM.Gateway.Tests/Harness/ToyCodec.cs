using System.Text;
using XLLM.Gateway.Text;

namespace XLLM.Gateway.Tests.Harness;

/// <summary>Bytes as tokens 0..255, a begin token 256 and an end token 257; enough to test everything around a tokenizer.</summary>
internal sealed class ToyCodec : ITextCodec
{
    public const int Begin = 256;
    public const int End = 257;
    public const int VocabularySize = 300;

    private static readonly byte[][] SingleBytes = [.. Enumerable.Range(0, 256).Select(b => new[] { (byte)b })];

    public int LongestTokenBytes => 5;

    public IReadOnlyList<int> Encode(string text, bool addSpecialTokens)
    {
        var tokens = new List<int>();
        if (addSpecialTokens)
        {
            tokens.Add(Begin);
        }

        tokens.AddRange(Encoding.UTF8.GetBytes(text).Select(b => (int)b));
        return tokens;
    }

    public string Decode(IReadOnlyList<int> tokens, bool skipSpecialTokens)
    {
        ITextStream stream = NewStream(skipSpecialTokens, []);
        return string.Concat(tokens.Select(stream.Append)) + stream.Finish();
    }

    public ReadOnlySpan<byte> BytesOf(int token) => token < 256 ? SingleBytes[token] : Encoding.UTF8.GetBytes($"<{token}>");

    public int? SpecialTokenOf(string text) => null;

    public ITextStream NewStream(bool skipSpecialTokens, IReadOnlyList<string> shown) => new ToyStream(skipSpecialTokens);

    private sealed class ToyStream(bool skipSpecialTokens) : ITextStream
    {
        private readonly Decoder _decoder = Encoding.UTF8.GetDecoder();

        public string Append(int token)
        {
            if (token >= 256)
            {
                return skipSpecialTokens ? "" : $"<{token}>";
            }

            Span<char> chars = stackalloc char[4];
            return new string(chars[.._decoder.GetChars([(byte)token], chars, flush: false)]);
        }

        public string Finish()
        {
            Span<char> chars = stackalloc char[4];
            return new string(chars[.._decoder.GetChars([], chars, flush: true)]);
        }
    }
}
