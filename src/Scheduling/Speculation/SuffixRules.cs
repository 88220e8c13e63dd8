namespace XLLM.Scheduling.Speculation;

/// <summary>
/// Which tokens suffix trees propose (SuffixDecoding, arXiv 2411.04975; xLLM's suffix worker). For every length of which the
/// context's end occurs in a tree, the likeliest path after it, at most length * factor + offset tokens and no further than
/// its probability stays at <c>least</c>, is a candidate; its score is the sum of its probabilities. The best score wins; of
/// equals the longer match, and a request's own tree over the global one. Pure, apart from scratch memory; one thread.
/// </summary>
public sealed class SuffixRules
{
    private readonly double _factor;
    private readonly double _offset;
    private readonly float _least;
    private int[] _tokens = [];
    private float[] _probabilities = [];

    /// <param name="factor">Tokens a matched token allows, 0 to 64.</param>
    /// <param name="offset">Tokens more, -64 to 64.</param>
    /// <param name="least">Least probability of a path, 0 to 1.</param>
    public SuffixRules(double factor, double offset, float least)
    {
        // Written so that NaN is out of range.
        if (!(factor is >= 0 and <= 64) || !(offset is >= -64 and <= 64) || !(least is >= 0 and <= 1))
        {
            throw new ArgumentOutOfRangeException(
                nameof(factor), $"Factor {factor}, offset {offset}, least {least}; 0 to 64, -64 to 64 and 0 to 1 were expected.");
        }

        (_factor, _offset, _least) = (factor, offset, least);
    }

    /// <summary>Tokens of the context's end that the last winner follows; 0 = there was none.</summary>
    public int MatchLength { get; private set; }

    /// <summary>
    /// Fills in the winner's tokens, and for each the probability of it and all before it. Returns how many.
    /// </summary>
    /// <param name="local">The tree whose open text is the request's own.</param>
    /// <param name="global">A tree of other texts, or null.</param>
    /// <param name="context">The request's tokens so far; the last depth of them matter.</param>
    public int Propose(
        SuffixTree local, SuffixTree? global, ReadOnlySpan<int> context, Span<int> tokens, Span<float> probabilities)
    {
        ArgumentNullException.ThrowIfNull(local);
        if (_tokens.Length < tokens.Length)
        {
            _tokens = new int[tokens.Length];
            _probabilities = new float[tokens.Length];
        }

        Candidate best = default;
        for (int length = local.MatchLength; length > 0 && best.Score < Most(length, tokens.Length); length--)
        {
            Try(local, local.SpotOfLast(length), length, ref best, tokens, probabilities);
        }

        if (global is not null)
        {
            int match = best.Score < tokens.Length ? global.LongestMatch(context, global.MaxDepth - 1) : 0;
            for (int length = match; length > 0 && best.Score < Most(length, tokens.Length); length--)
            {
                if (global.TryFind(context[^length..], out SuffixSpot spot))
                {
                    Try(global, spot, length, ref best, tokens, probabilities);
                }
            }
        }

        MatchLength = best.Length;
        return best.Count;
    }

    // No score is above it, and it falls with the length.
    private int Most(int length, int room) => (int)Math.Clamp((length * _factor) + _offset + 1e-6, 0, room);

    private void Try(
        SuffixTree tree, SuffixSpot spot, int length, ref Candidate best, Span<int> tokens, Span<float> probabilities)
    {
        int most = Most(length, tokens.Length);
        int count = tree.Follow(spot, _least, _tokens.AsSpan(0, most), _probabilities);
        float score = 0;
        foreach (float probability in _probabilities.AsSpan(0, count))
        {
            score += probability;
        }

        if (score > best.Score)
        {
            best = new Candidate(count, score, length);
            _tokens.AsSpan(0, count).CopyTo(tokens);
            _probabilities.AsSpan(0, count).CopyTo(probabilities);
        }
    }

    private readonly record struct Candidate(int Count, float Score, int Length);
}
