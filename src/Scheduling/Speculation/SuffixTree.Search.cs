namespace XLLM.Scheduling.Speculation;

/// <summary>What the tree is asked.</summary>
public sealed partial class SuffixTree
{
    /// <summary>Where the last <paramref name="length"/> tokens of the open text end, 1 to <see cref="MatchLength"/>.</summary>
    public SuffixSpot SpotOfLast(int length)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(length, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, MatchLength);
        int node = Active(unchecked(_end - length));
        return new SuffixSpot(node, _nodes[node].Length);
    }

    /// <summary>Where a run of tokens ends; false when it does not occur.</summary>
    public bool TryFind(ReadOnlySpan<int> run, out SuffixSpot spot)
    {
        int node = Root;
        int offset = 0;
        for (int at = 0; at < run.Length;)
        {
            node = Find(node, run[at]);
            if (node == None)
            {
                spot = default;
                return false;
            }

            int length = Math.Min(LengthOf(node), run.Length - at);
            for (offset = 1; offset < length; offset++)
            {
                if (TextAt(unchecked(_nodes[node].Start + offset)) != run[at + offset])
                {
                    spot = default;
                    return false;
                }
            }

            at += length;
            offset = length;
        }

        spot = new SuffixSpot(node, offset);
        return true;
    }

    /// <summary>The most last tokens of <paramref name="context"/> that occur as a run, at most <paramref name="most"/>.</summary>
    public int LongestMatch(ReadOnlySpan<int> context, int most)
    {
        int known = 0;
        int failed = Math.Min(Math.Min(most, MaxDepth), context.Length) + 1;
        while (failed - known > 1)
        {
            // The end of a run that occurs occurs too. Most often little matches, so short ones are tried first.
            int middle = known == 0 ? 1 : Math.Min(2 * known, (known + failed) / 2);
            if (TryFind(context[^middle..], out _))
            {
                known = middle;
            }
            else
            {
                failed = middle;
            }
        }

        return known;
    }

    /// <summary>How often a run occurred.</summary>
    public int CountOf(ReadOnlySpan<int> run) => TryFind(run, out SuffixSpot spot) ? _nodes[spot.Node].Count : 0;

    /// <summary>
    /// The likeliest tokens after a spot, each after the one before: the child with most occurrences, while their probabilities
    /// multiplied stay at least <paramref name="least"/>. Fills the spans and returns how many.
    /// </summary>
    public int Follow(SuffixSpot spot, float least, Span<int> tokens, Span<float> probabilities)
    {
        (int node, int offset) = spot;
        float probability = 1;
        int count = 0;
        while (count < tokens.Length)
        {
            if (offset >= LengthOf(node))
            {
                int child = BestChild(node);
                if (child == None)
                {
                    break;
                }

                probability *= (float)_nodes[child].Count / _nodes[node].Continued;
                (node, offset) = (child, 0);
            }

            if (probability < least)
            {
                break;
            }

            tokens[count] = TextAt(unchecked(_nodes[node].Start + offset));
            probabilities[count++] = probability;
            offset++;
        }

        return count;
    }

    // A leaf that grows ends with the text so far.
    private int LengthOf(int node) => Math.Min(_nodes[node].Length, unchecked(_end - _nodes[node].Start));
}
