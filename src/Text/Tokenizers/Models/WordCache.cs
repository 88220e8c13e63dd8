using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;

namespace XLLM.Text.Tokenizers.Models;

/// <summary>
/// Remembers the tokens of short words. Bounded: when full it is emptied and fills anew. Safe for several threads.
/// </summary>
internal sealed class WordCache
{
    private const int MaxWords = 16_384;
    private const int MaxWordLength = 64;

    private readonly ConcurrentDictionary<string, int[]> _words = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, int[]>.AlternateLookup<ReadOnlySpan<char>> _spans;
    private int _count;

    public WordCache() => _spans = _words.GetAlternateLookup<ReadOnlySpan<char>>();

    public int Count => _words.Count;

    public bool TryGet(ReadOnlySpan<char> word, [NotNullWhen(true)] out int[]? ids)
    {
        ids = null;
        return word.Length <= MaxWordLength && _spans.TryGetValue(word, out ids);
    }

    public void Add(ReadOnlySpan<char> word, ReadOnlySpan<int> ids)
    {
        if (word.Length > MaxWordLength || !_spans.TryAdd(word, ids.ToArray()))
        {
            return;
        }

        if (Interlocked.Increment(ref _count) > MaxWords)
        {
            _words.Clear();
            Interlocked.Exchange(ref _count, 0);
        }
    }
}
