using System.Runtime.InteropServices;

namespace XLLM.Text.Tokenizers.Models;

/// <summary>Which neighbouring tokens merge, with what rank (lower first) and into which token.</summary>
internal sealed class MergeTable
{
    private readonly Dictionary<long, Merge> _merges;

    private MergeTable(Dictionary<long, Merge> merges) => _merges = merges;

    public int Count => _merges.Count;

    /// <param name="pairs">Left and right token of each merge, in order of rank.</param>
    /// <param name="vocabulary">Must have every left, right and merged token.</param>
    /// <param name="prefix">Prefix of continuing subwords, which the right token has and the merged one has not; empty for
    /// none.</param>
    /// <param name="lastWins">Whether the rank of a pair given twice is the later one.</param>
    /// <exception cref="TokenizerFormatException">A merge names a token that the vocabulary lacks.</exception>
    public static MergeTable Build(IReadOnlyList<(string Left, string Right)> pairs, Vocabulary vocabulary, string prefix,
        bool lastWins)
    {
        var merges = new Dictionary<long, Merge>(pairs.Count);
        for (int rank = 0; rank < pairs.Count; rank++)
        {
            (string left, string right) = pairs[rank];
            string tail = prefix.Length > 0 && right.Length >= prefix.Length ? right[prefix.Length..] : right;
            int a = vocabulary.TokenToId(left) ?? throw Unknown(rank, left, left, right);
            int b = vocabulary.TokenToId(right) ?? throw Unknown(rank, right, left, right);
            string whole = left + tail;
            int id = vocabulary.TokenToId(whole) ?? throw Unknown(rank, whole, left, right);
            ref Merge slot = ref CollectionsMarshal.GetValueRefOrAddDefault(merges, Key(a, b), out bool known);
            if (!known || lastWins)
            {
                slot = new Merge(rank, id);
            }
        }

        return new MergeTable(merges);
    }

    public bool TryGet(int left, int right, out Merge merge) => _merges.TryGetValue(Key(left, right), out merge);

    private static long Key(int left, int right) => ((long)left << 32) | (uint)right;

    private static TokenizerFormatException Unknown(int rank, string token, string left, string right) =>
        new($"Merge {rank} (\"{left}\" + \"{right}\") names \"{token}\", which the vocabulary lacks.");

    /// <summary>Rank and resulting token of a merge.</summary>
    public readonly record struct Merge(int Rank, int Id);
}
