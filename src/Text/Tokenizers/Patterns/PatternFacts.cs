namespace XLLM.Text.Tokenizers.Patterns;

/// <summary>What can be told of a pattern without running it.</summary>
internal static class PatternFacts
{
    /// <summary>The code points a match can begin with; null when it may be empty or that is not known.</summary>
    public static CodePointSet? First(PatternNode node)
    {
        switch (node)
        {
            case SetNode n:
                return n.Set;
            case AtomicNode n:
                return First(n.Body);
            case LoopNode n:
                return n.Min > 0 ? First(n.Body) : null;
            case AlternationNode n:
                var sets = n.Options.Select(First).ToList();
                return sets.Contains(null) ? null : CodePointSet.Of(sets.SelectMany(s => s!.Ranges));
            case SequenceNode n:
                return FirstOfSequence(n);
            default:
                return null;
        }
    }

    /// <summary>Width of every match, in code points.</summary>
    /// <exception cref="TokenizerFormatException">The width varies.</exception>
    public static int FixedWidth(PatternNode node)
    {
        switch (node)
        {
            case SetNode:
                return 1;
            case AnchorNode or LookNode:
                return 0;
            case AtomicNode n:
                return FixedWidth(n.Body);
            case SequenceNode n:
                return n.Items.Sum(FixedWidth);
            case LoopNode n when n.Min == n.Max:
                return checked(n.Min * FixedWidth(n.Body));
            case AlternationNode n when n.Options.Select(FixedWidth).Distinct().Count() == 1:
                return FixedWidth(n.Options[0]);
            default:
                throw new TokenizerFormatException(
                    "A splitting pattern looks behind over a varying width, which is not supported.");
        }
    }

    private static CodePointSet? FirstOfSequence(SequenceNode sequence)
    {
        var ranges = new List<CodePointRange>();
        foreach (PatternNode item in sequence.Items)
        {
            if (item is LoopNode { Min: 0 } optional && First(optional.Body) is { } maybe)
            {
                ranges.AddRange(maybe.Ranges);
                continue;
            }

            return First(item) is { } set ? CodePointSet.Of(ranges.Concat(set.Ranges)) : null;
        }

        return null;
    }
}
