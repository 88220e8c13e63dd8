namespace XLLM.Scheduling.Tests.Speculation;

/// <summary>What a suffix tree has to know, by looking through the whole text each time.</summary>
internal sealed class RunCounts(int window, int maxDepth)
{
    private readonly List<int> _text = [];
    private readonly List<int> _textEnds = [];

    public void Append(int token) => _text.Add(token);

    public void EndText()
    {
        if (_text.Count > _textEnds.LastOrDefault())
        {
            _textEnds.Add(_text.Count);
        }
    }

    public int CountOf(IReadOnlyList<int> run) => Origins(run).Count();

    /// <summary>Most last tokens of the open text that also begin at an earlier origin.</summary>
    public int MatchLength()
    {
        int open = _text.Count - _textEnds.LastOrDefault();
        int longest = 0;
        for (int length = 1; length <= Math.Min(open, maxDepth - 1); length++)
        {
            longest = Origins(_text[^length..]).Count() > 1 ? length : longest;
        }

        return longest;
    }

    public IReadOnlyList<int> Last(int length) => _text[^length..];

    /// <summary>Likeliest continuation: most occurrences, then the latest.</summary>
    public (List<int> Tokens, List<float> Probabilities) Follow(IReadOnlyList<int> run, float least, int most)
    {
        List<int> all = [.. run];
        List<float> probabilities = [];
        float probability = 1;
        while (probabilities.Count < most && all.Count < maxDepth)
        {
            int length = all.Count;
            var next = Origins(all)
                .Where(origin => origin + length < EndOf(origin) && length < maxDepth)
                .GroupBy(origin => _text[origin + length])
                .Select(group => (Token: group.Key, Count: group.Count(), Latest: group.Max()))
                .OrderByDescending(group => group.Count).ThenByDescending(group => group.Latest)
                .ToList();
            if (next.Count == 0)
            {
                break;
            }

            int total = next.Sum(group => group.Count);
            probability *= next[0].Count == total ? 1 : (float)next[0].Count / total;
            if (probability < least)
            {
                break;
            }

            all.Add(next[0].Token);
            probabilities.Add(probability);
        }

        return (all[run.Count..], probabilities);
    }

    private int EndOf(int origin) => _textEnds.FirstOrDefault(end => end > origin, _text.Count);

    private IEnumerable<int> Origins(IReadOnlyList<int> run)
    {
        for (int origin = Math.Max(0, _text.Count - window); origin + run.Count <= _text.Count; origin++)
        {
            if (run.Count <= maxDepth && origin + run.Count <= EndOf(origin)
                && Enumerable.Range(0, run.Count).All(i => _text[origin + i] == run[i]))
            {
                yield return origin;
            }
        }
    }
}
