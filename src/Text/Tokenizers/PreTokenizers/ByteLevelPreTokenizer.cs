using System.Text;
using XLLM.Text.Tokenizers.Patterns;

namespace XLLM.Text.Tokenizers.PreTokenizers;

/// <summary>Splits as GPT-2 does (unless told not to) and writes each byte of the UTF-8 form as a visible character.</summary>
internal sealed class ByteLevelPreTokenizer(bool addPrefixSpace, bool split) : IPreTokenizer
{
    /// <summary>GPT-2's splitting pattern.</summary>
    public const string Gpt2Pattern = @"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+";

    private readonly Pattern? _pattern = split ? Pattern.Parse(Gpt2Pattern) : null;

    public void Split(IReadOnlyList<Piece> input, List<Piece> output)
    {
        var mapped = new StringBuilder();
        var ends = new List<int>(input.Count);
        var matches = new List<(int Start, int End)>();
        var parts = new List<Piece>();
        foreach (Piece given in input)
        {
            Piece piece = given;
            if (addPrefixSpace && piece.Length > 0 && piece.Span[0] != ' ')
            {
                string spaced = string.Concat(" ", piece.Span);
                piece = new Piece(spaced, 0, spaced.Length, piece.AtTextStart);
            }

            parts.Clear();
            matches.Clear();
            if (_pattern is null)
            {
                parts.Add(piece);
            }
            else
            {
                _pattern.FindAll(piece.Span, matches);
                PieceSplitter.Split(piece, matches, SplitBehavior.Isolated, invert: false, parts);
            }

            foreach (Piece part in parts)
            {
                ByteAlphabet.Append(part.Span, mapped);
                ends.Add(mapped.Length);
            }
        }

        string text = mapped.ToString();
        int start = 0;
        foreach (int end in ends)
        {
            output.Add(new Piece(text, start, end - start, start == 0 && input[0].AtTextStart));
            start = end;
        }
    }
}
