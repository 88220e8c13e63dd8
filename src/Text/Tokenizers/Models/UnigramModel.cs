using System.Text;
using XLLM.Text.Tokenizers.Patterns;

namespace XLLM.Text.Tokenizers.Models;

/// <summary>
/// Unigram language model (Kudo 2018): the segmentation of highest probability, by Viterbi. Neighbouring unknown characters are
/// one unknown token.
/// </summary>
internal sealed class UnigramModel : ITokenModel
{
    private const double UnknownPenalty = 10;

    private readonly PieceTrie _trie = new();
    private readonly double[] _scores;
    private readonly double _unknownScore;
    private readonly int? _unknown;
    private readonly int[]? _bytes;
    private readonly bool _unknownByText;

    /// <param name="pieces">Tokens with their log probabilities, by id.</param>
    /// <param name="unknown">Id of the unknown token.</param>
    /// <param name="byteFallback">Write unknown characters as byte tokens, where the vocabulary has them.</param>
    public UnigramModel(IReadOnlyList<(string Token, double Score)> pieces, int? unknown, bool byteFallback)
    {
        Vocabulary = new Vocabulary([.. pieces.Select(p => p.Token)]);
        _scores = [.. pieces.Select(p => p.Score)];
        for (int id = 0; id < pieces.Count; id++)
        {
            _trie.Add(pieces[id].Token, id);
        }

        _unknownScore = (_scores.Length == 0 ? 0 : _scores.Min()) - UnknownPenalty;
        _unknown = unknown;
        _bytes = byteFallback ? Vocabulary.ByteTokens() : null;
        _unknownByText = true;
    }

    /// <param name="vocabulary">All tokens.</param>
    /// <param name="scores">Log probability of each; NaN for a token that the model never produces.</param>
    /// <param name="leastScore">What the score of an unknown character is reckoned from.</param>
    /// <param name="unknown">Id of the unknown token.</param>
    public UnigramModel(Vocabulary vocabulary, double[] scores, double leastScore, int unknown)
    {
        Vocabulary = vocabulary;
        _scores = scores;
        for (int id = 0; id < scores.Length; id++)
        {
            if (!double.IsNaN(scores[id]))
            {
                _trie.Add(vocabulary.IdToToken(id)!, id);
            }
        }

        _unknownScore = leastScore - UnknownPenalty;
        _unknown = unknown;
    }

    public Vocabulary Vocabulary { get; }

    public void Tokenize(ReadOnlySpan<char> piece, List<int> ids)
    {
        Node[] best = Search(piece);
        var parts = new List<(int Start, int End, int Id)>();
        for (int end = piece.Length; end > 0; end = best[end].Start)
        {
            Node node = best[end];
            if (node.Id == _unknown && parts.Count > 0 && parts[^1].Id == _unknown)
            {
                parts[^1] = (node.Start, parts[^1].End, node.Id);
            }
            else
            {
                parts.Add((node.Start, end, node.Id));
            }
        }

        for (int i = parts.Count - 1; i >= 0; i--)
        {
            (int start, int end, int id) = parts[i];
            ReadOnlySpan<char> part = piece[start..end];
            if (id != _unknown)
            {
                ids.Add(id);
            }
            else if (_unknownByText && Vocabulary.TryGetId(part, out int known))
            {
                ids.Add(known);
            }
            else if (!AppendBytes(part, ids))
            {
                ids.Add(id);
            }
        }
    }

    private Node[] Search(ReadOnlySpan<char> text)
    {
        var best = new Node[text.Length + 1];
        Array.Fill(best, new Node(0, -1, -1));
        for (int start = 0; start < text.Length;)
        {
            int width = CodePoints.Width(text, start);
            double score = best[start].Score;
            bool single = false;
            int node = 0;
            for (int end = start; end < text.Length && _trie.TryStep(ref node, text[end], out int id); end++)
            {
                if (id >= 0)
                {
                    Offer(ref best[end + 1], start, id, score + _scores[id]);
                    single |= end + 1 - start == width;
                }
            }

            if (!single)
            {
                int unknown = _unknown ?? throw new TokenizationException(
                    $"\"{text.Slice(start, width)}\" is not in the vocabulary, and there is no unknown token.");
                Offer(ref best[start + width], start, unknown, score + _unknownScore);
            }

            start += width;
        }

        return best;
    }

    private static void Offer(ref Node node, int start, int id, double score)
    {
        if (node.Start < 0 || score > node.Score)
        {
            node = new Node(score, start, id);
        }
    }

    private bool AppendBytes(ReadOnlySpan<char> part, List<int> ids)
    {
        if (_bytes is null)
        {
            return false;
        }

        var utf8 = new byte[Encoding.UTF8.GetByteCount(part)];
        Encoding.UTF8.GetBytes(part, utf8);
        if (utf8.Any(b => _bytes[b] < 0))
        {
            return false;
        }

        ids.AddRange(utf8.Select(b => _bytes[b]));
        return true;
    }

    /// <summary>Best way to a position: its score, where its last token starts, and which it is.</summary>
    private readonly record struct Node(double Score, int Start, int Id);
}
