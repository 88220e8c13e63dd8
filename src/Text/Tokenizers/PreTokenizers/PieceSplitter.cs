namespace XLLM.Text.Tokenizers.PreTokenizers;

/// <summary>Applies a <see cref="SplitBehavior"/> to the matches found in one piece.</summary>
internal static class PieceSplitter
{
    /// <param name="piece">The piece.</param>
    /// <param name="matches">Matches in ascending order, not overlapping, relative to the piece.</param>
    /// <param name="behavior">What becomes of them.</param>
    /// <param name="invert">Take what lies between the matches as the matches.</param>
    /// <param name="output">Receives the parts; empty ones are left out.</param>
    public static void Split(Piece piece, List<(int Start, int End)> matches, SplitBehavior behavior, bool invert,
        List<Piece> output)
    {
        if (behavior == SplitBehavior.Isolated)
        {
            int done = 0;
            foreach ((int start, int end) in matches)
            {
                Add(piece, done, start, output);
                Add(piece, start, end, output);
                done = end;
            }

            Add(piece, done, piece.Length, output);
            return;
        }

        List<(int Start, int End, bool IsMatch)> parts = Parts(piece.Length, matches, invert);
        switch (behavior)
        {
            case SplitBehavior.Removed:
                parts.RemoveAll(p => p.IsMatch);
                break;
            case SplitBehavior.Contiguous:
                Merge(parts, (previous, current) => previous == current);
                break;
            case SplitBehavior.MergedWithPrevious:
                Merge(parts, (previous, current) => current && !previous);
                break;
            default:
                MergeWithNext(parts);
                break;
        }

        foreach ((int start, int end, _) in parts)
        {
            Add(piece, start, end, output);
        }
    }

    private static void Add(Piece piece, int start, int end, List<Piece> output)
    {
        if (end > start)
        {
            output.Add(piece.Part(start, end));
        }
    }

    private static List<(int Start, int End, bool IsMatch)> Parts(int length, List<(int Start, int End)> matches, bool invert)
    {
        var parts = new List<(int Start, int End, bool IsMatch)>((matches.Count * 2) + 1);
        int done = 0;
        foreach ((int start, int end) in matches)
        {
            if (start > done)
            {
                parts.Add((done, start, invert));
            }

            parts.Add((start, end, !invert));
            done = end;
        }

        if (done < length)
        {
            parts.Add((done, length, invert));
        }

        return parts;
    }

    /// <summary>
    /// Joins a part to the one before it where <paramref name="joins"/> says so of (the one before is a match, this one is).
    /// </summary>
    private static void Merge(List<(int Start, int End, bool IsMatch)> parts, Func<bool, bool, bool> joins)
    {
        var merged = new List<(int Start, int End, bool IsMatch)>(parts.Count);
        bool previous = false;
        foreach ((int start, int end, bool isMatch) in parts)
        {
            if (merged.Count > 0 && joins(previous, isMatch))
            {
                merged[^1] = (merged[^1].Start, end, merged[^1].IsMatch);
            }
            else
            {
                merged.Add((start, end, isMatch));
            }

            previous = isMatch;
        }

        parts.Clear();
        parts.AddRange(merged);
    }

    private static void MergeWithNext(List<(int Start, int End, bool IsMatch)> parts)
    {
        var merged = new List<(int Start, int End, bool IsMatch)>(parts.Count);
        bool next = false;
        for (int i = parts.Count - 1; i >= 0; i--)
        {
            (int start, int end, bool isMatch) = parts[i];
            if (merged.Count > 0 && isMatch && !next)
            {
                merged[^1] = (start, merged[^1].End, merged[^1].IsMatch);
            }
            else
            {
                merged.Add((start, end, isMatch));
            }

            next = isMatch;
        }

        merged.Reverse();
        parts.Clear();
        parts.AddRange(merged);
    }
}
