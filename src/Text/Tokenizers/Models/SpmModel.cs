using System.Globalization;
using System.Text;
using XLLM.Text.Tokenizers.Patterns;

namespace XLLM.Text.Tokenizers.Models;

/// <summary>
/// SentencePiece's BPE: neighbours whose joint text is a token merge, the highest score first, the leftmost of equals
/// (SentencePiece, bpe_model.cc). Characters without a token become byte tokens.
/// </summary>
internal sealed class SpmModel : ITokenModel
{
    private readonly IReadOnlyList<float> _scores;
    private readonly int[] _bytes;
    private readonly int? _unknown;

    /// <exception cref="TokenizerFormatException">Scores are missing or not numbers.</exception>
    public SpmModel(Vocabulary vocabulary, IReadOnlyList<float> scores, int? unknown)
    {
        if (scores.Count != vocabulary.Size || !scores.All(float.IsFinite))
        {
            throw new TokenizerFormatException(
                $"A llama tokenizer needs a finite score for each of its {vocabulary.Size} tokens.");
        }

        Vocabulary = vocabulary;
        _scores = scores;
        _bytes = vocabulary.ByteTokens();
        _unknown = unknown;
    }

    public Vocabulary Vocabulary { get; }

    public void Tokenize(ReadOnlySpan<char> piece, List<int> ids)
    {
        List<Symbol> symbols = Characters(piece);
        Merge(piece, symbols);
        for (int i = 0; i >= 0; i = symbols[i].Next)
        {
            Append(piece.Slice(symbols[i].Start, symbols[i].Length), ids);
        }
    }

    private static List<Symbol> Characters(ReadOnlySpan<char> text)
    {
        var symbols = new List<Symbol>(text.Length);
        for (int at = 0; at < text.Length;)
        {
            int width = CodePoints.Width(text, at);
            int i = symbols.Count;
            int next = at + width < text.Length ? i + 1 : -1;
            symbols.Add(new Symbol { Start = at, Length = width, Previous = i - 1, Next = next });
            at += width;
        }

        return symbols;
    }

    private static long Priority(float score, int left)
    {
        int bits = BitConverter.SingleToInt32Bits(-score);
        return ((long)(bits < 0 ? bits ^ int.MaxValue : bits) << 32) | (uint)left;
    }

    private void Merge(ReadOnlySpan<char> text, List<Symbol> symbols)
    {
        var queue = new PriorityQueue<(int Left, int Right, int Length), long>();
        for (int i = 1; i < symbols.Count; i++)
        {
            Enqueue(queue, text, symbols, i - 1, i);
        }

        while (queue.TryDequeue(out (int Left, int Right, int Length) pair, out _))
        {
            Symbol left = symbols[pair.Left];
            Symbol right = symbols[pair.Right];
            if (left.Length == 0 || right.Length == 0 || left.Length + right.Length != pair.Length)
            {
                continue;
            }

            left.Length += right.Length;
            left.Next = right.Next;
            right.Length = 0;
            if (right.Next >= 0)
            {
                symbols[right.Next].Previous = pair.Left;
            }

            Enqueue(queue, text, symbols, left.Previous, pair.Left);
            Enqueue(queue, text, symbols, pair.Left, left.Next);
        }
    }

    private void Enqueue(
        PriorityQueue<(int Left, int Right, int Length), long> queue, ReadOnlySpan<char> text, List<Symbol> symbols, int left,
            int right)
    {
        if (left < 0 || right < 0)
        {
            return;
        }

        int length = symbols[left].Length + symbols[right].Length;
        if (Vocabulary.TryGetId(text.Slice(symbols[left].Start, length), out int id))
        {
            queue.Enqueue((left, right, length), Priority(_scores[id], left));
        }
    }

    private void Append(ReadOnlySpan<char> part, List<int> ids)
    {
        if (Vocabulary.TryGetId(part, out int id))
        {
            ids.Add(id);
            return;
        }

        Span<byte> utf8 = stackalloc byte[8];
        foreach (byte b in utf8[..Encoding.UTF8.GetBytes(part, utf8)])
        {
            ids.Add(_bytes[b] >= 0
                ? _bytes[b]
                : _unknown ?? throw new TokenizationException(string.Create(
                    CultureInfo.InvariantCulture,
                        $"The vocabulary has no token for byte 0x{b:X2} of \"{part}\", nor an unknown token.")));
        }
    }

    /// <summary>A stretch of the text; merged into its left neighbour when its length is 0.</summary>
    private sealed class Symbol
    {
        public int Start { get; init; }

        public int Length { get; set; }

        public int Previous { get; set; }

        public int Next { get; set; }
    }
}
