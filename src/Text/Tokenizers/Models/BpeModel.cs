using System.Buffers;
using System.Text;
using XLLM.Text.Tokenizers.Patterns;

namespace XLLM.Text.Tokenizers.Models;

/// <summary>Byte-pair encoding with ranked merges (Sennrich et al. 2016), as Hugging Face tokenizers does it.</summary>
internal sealed class BpeModel : ITokenModel
{
    private readonly MergeTable _merges;
    private readonly BpeOptions _options;
    private readonly int? _unknown;
    private readonly int[] _bytes;
    private readonly WordCache _cache = new();

    public BpeModel(Vocabulary vocabulary, MergeTable merges, BpeOptions options)
    {
        Vocabulary = vocabulary;
        _merges = merges;
        _options = options;
        _bytes = options.ByteFallback ? vocabulary.ByteTokens() : [];
        _unknown = options.UnknownToken is null ? null : vocabulary.TokenToId(options.UnknownToken)
            ?? throw new TokenizerFormatException($"The unknown token \"{options.UnknownToken}\" is not in the vocabulary.");
    }

    public Vocabulary Vocabulary { get; }

    public void Tokenize(ReadOnlySpan<char> piece, List<int> ids)
    {
        if (_cache.TryGet(piece, out int[]? known))
        {
            ids.AddRange(known);
            return;
        }

        if (_options.IgnoreMerges && Vocabulary.TryGetId(piece, out int whole))
        {
            ids.Add(whole);
            return;
        }

        // A UTF-16 unit is at most 3 bytes of UTF-8, and each byte may become a token of its own.
        int perUnit = 3 * (1 + _options.ContinuingSubwordPrefix.Length);
        int[] rented = ArrayPool<int>.Shared.Rent(checked((piece.Length * perUnit) + (3 * _options.EndOfWordSuffix.Length) + 1));
        Span<int> symbols = rented.AsSpan(0, FirstSymbols(piece, rented));
        int count = BpeMerger.Merge(symbols, _merges);
        ids.AddRange(symbols[..count]);
        _cache.Add(piece, symbols[..count]);
        ArrayPool<int>.Shared.Return(rented);
    }

    private int FirstSymbols(ReadOnlySpan<char> piece, int[] symbols)
    {
        int count = 0;
        bool unknownOpen = false;
        for (int at = 0; at < piece.Length;)
        {
            int width = CodePoints.Width(piece, at);
            ReadOnlySpan<char> symbol = Decorated(piece, at, width);
            at += width;
            if (Vocabulary.TryGetId(symbol, out int id))
            {
                if (unknownOpen)
                {
                    symbols[count++] = _unknown!.Value;
                    unknownOpen = false;
                }

                symbols[count++] = id;
            }
            else if (!(_options.ByteFallback && AppendBytes(symbol, symbols, ref count)) && _unknown is { } unknown)
            {
                if (unknownOpen && !_options.FuseUnknown)
                {
                    symbols[count++] = unknown;
                }

                unknownOpen = true;
            }
        }

        if (unknownOpen)
        {
            symbols[count++] = _unknown!.Value;
        }

        return count;
    }

    private ReadOnlySpan<char> Decorated(ReadOnlySpan<char> piece, int at, int width)
    {
        ReadOnlySpan<char> symbol = piece.Slice(at, width);
        string prefix = at > 0 ? _options.ContinuingSubwordPrefix : "";
        string suffix = at + width == piece.Length ? _options.EndOfWordSuffix : "";
        return prefix.Length + suffix.Length == 0 ? symbol : string.Concat(prefix, symbol, suffix);
    }

    private bool AppendBytes(ReadOnlySpan<char> symbol, int[] symbols, ref int count)
    {
        Span<byte> utf8 = symbol.Length <= 64 ? stackalloc byte[192] : new byte[symbol.Length * 3];
        int length = Encoding.UTF8.GetBytes(symbol, utf8);
        int start = count;
        foreach (byte b in utf8[..length])
        {
            if (_bytes[b] < 0)
            {
                count = start;
                return false;
            }

            symbols[count++] = _bytes[b];
        }

        return true;
    }
}
