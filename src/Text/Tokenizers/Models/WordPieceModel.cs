using XLLM.Text.Tokenizers.Patterns;

namespace XLLM.Text.Tokenizers.Models;

/// <summary>WordPiece: the longest token first, from left to right; pieces after the first carry a prefix.</summary>
internal sealed class WordPieceModel(Vocabulary vocabulary, string unknownToken, string prefix, int longestWord) : ITokenModel
{
    private readonly int? _unknown = vocabulary.TokenToId(unknownToken);

    public Vocabulary Vocabulary { get; } = vocabulary;

    public void Tokenize(ReadOnlySpan<char> piece, List<int> ids)
    {
        int before = ids.Count;
        if (CountCodePoints(piece) > longestWord || !TokenizeWord(piece, ids))
        {
            ids.RemoveRange(before, ids.Count - before);
            ids.Add(_unknown ?? throw new TokenizationException(
                $"\"{piece}\" is not in the vocabulary, and neither is the unknown token \"{unknownToken}\"."));
        }
    }

    private static int CountCodePoints(ReadOnlySpan<char> text)
    {
        int count = 0;
        for (int at = 0; at < text.Length; at += CodePoints.Width(text, at))
        {
            count++;
        }

        return count;
    }

    private bool TokenizeWord(ReadOnlySpan<char> word, List<int> ids)
    {
        for (int start = 0; start < word.Length;)
        {
            int end = word.Length;
            while (end > start && !TryAdd(word[start..end], start > 0, ids))
            {
                end -= CodePoints.WidthBefore(word, end);
            }

            if (end <= start)
            {
                return false;
            }

            start = end;
        }

        return true;
    }

    private bool TryAdd(ReadOnlySpan<char> part, bool continues, List<int> ids)
    {
        bool known = continues
            ? Vocabulary.TryGetId(string.Concat(prefix, part), out int id)
            : Vocabulary.TryGetId(part, out id);
        if (known)
        {
            ids.Add(id);
        }

        return known;
    }
}
