using System.Numerics;

namespace XLLM.Scheduling.Speculation;

/// <summary>
/// Where the last few tokens of one growing text came before (prompt lookup decoding). For each length it keeps a table of
/// the latest place of a run; a place is checked against the text, so that a collision only loses it. Memory is bounded by
/// the window. Deterministic. One thread.
/// </summary>
public sealed class NgramIndex
{
    private readonly int _least;
    private readonly int _most;
    private readonly int _window;
    private int[] _places;
    private int _slots;
    private int _known;

    /// <param name="least">Shortest run looked for, >= 1.</param>
    /// <param name="most">Longest run looked for, <paramref name="least"/> to 16; it is tried first.</param>
    /// <param name="window">Places remembered at least, 16 to 2^24.</param>
    public NgramIndex(int least, int most, int window)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(least, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(most, least);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(most, 16);
        ArgumentOutOfRangeException.ThrowIfLessThan(window, 16);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(window, 1 << 24);
        (_least, _most, _window) = (least, most, window);
        _slots = 128;
        _places = new int[_slots * (_most - _least + 1)];
    }

    /// <summary>Length of the run that <see cref="Find"/> found last; 0 = none.</summary>
    public int MatchLength { get; private set; }

    public void Clear()
    {
        Array.Clear(_places);
        _known = 0;
    }

    /// <summary>
    /// Copies into <paramref name="draft"/> what followed the latest earlier occurrence of the text's end, the longest run that
    /// has one. <paramref name="text"/> is the text of the last call and more. Returns how many tokens.
    /// </summary>
    public int Find(ReadOnlySpan<int> text, Span<int> draft)
    {
        Learn(text);
        MatchLength = 0;
        for (int length = Math.Min(_most, text.Length); length >= _least; length--)
        {
            ReadOnlySpan<int> run = text[^length..];

            // Places are ends of runs; 0 = none.
            int end = Slot(run);
            if (end >= length && end < text.Length && text[(end - length)..end].SequenceEqual(run))
            {
                int count = Math.Min(draft.Length, text.Length - end);
                text.Slice(end, count).CopyTo(draft);
                MatchLength = length;
                return count;
            }
        }

        return 0;
    }

    // All runs that end before the last token.
    private void Learn(ReadOnlySpan<int> text)
    {
        int slots = (int)BitOperations.RoundUpToPowerOf2((uint)(2 * Math.Min(text.Length, _window)));
        if (slots > _slots)
        {
            _slots = slots;
            _places = new int[_slots * (_most - _least + 1)];
            _known = Math.Max(0, text.Length - _window);
        }

        for (int end = Math.Max(_known + 1, _least); end < text.Length; end++)
        {
            for (int length = _least; length <= Math.Min(_most, end); length++)
            {
                Slot(text[(end - length)..end]) = end;
            }
        }

        _known = Math.Max(_known, text.Length - 1);
    }

    private ref int Slot(ReadOnlySpan<int> run)
    {
        ulong hash = (ulong)run.Length;
        foreach (int token in run)
        {
            hash = (hash ^ (uint)token) * 0x9E3779B97F4A7C15;
            hash ^= hash >> 29;
        }

        return ref _places[((run.Length - _least) * _slots) + (int)(hash & (uint)(_slots - 1))];
    }
}
