using XLLM.Text.Tokenizers.Patterns;

namespace XLLM.Text.Tokenizers.PreTokenizers;

/// <summary>Splits by a pattern.</summary>
internal sealed class SplitPreTokenizer(Pattern pattern, SplitBehavior behavior, bool invert) : IPreTokenizer
{
    public void Split(IReadOnlyList<Piece> input, List<Piece> output)
    {
        var matches = new List<(int Start, int End)>();
        foreach (Piece piece in input)
        {
            matches.Clear();
            pattern.FindAll(piece.Span, matches);
            PieceSplitter.Split(piece, matches, behavior, invert, output);
        }
    }
}
