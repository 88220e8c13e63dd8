using XLLM.Text.Tokenizers.Patterns;

namespace XLLM.Text.Tokenizers.PreTokenizers;

/// <summary>SentencePiece's way: spaces become a visible character, one may be put before the text, words begin at it.</summary>
internal sealed class MetaspacePreTokenizer(char replacement, PrependScheme scheme, bool split) : IPreTokenizer
{
    private readonly Pattern _pattern = Pattern.Literal(replacement.ToString());

    public void Split(IReadOnlyList<Piece> input, List<Piece> output)
    {
        var matches = new List<(int Start, int End)>();
        foreach (Piece given in input)
        {
            if (given.Length == 0)
            {
                continue;
            }

            string text = given.Span.ToString().Replace(' ', replacement);
            bool prepends = scheme == PrependScheme.Always || (scheme == PrependScheme.First && given.AtTextStart);
            if (prepends && text[0] != replacement)
            {
                text = replacement + text;
            }

            var piece = new Piece(text, 0, text.Length, given.AtTextStart);
            if (!split)
            {
                output.Add(piece);
                continue;
            }

            matches.Clear();
            _pattern.FindAll(text, matches);
            PieceSplitter.Split(piece, matches, SplitBehavior.MergedWithNext, invert: false, output);
        }
    }
}
