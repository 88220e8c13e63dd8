using System.Buffers;

namespace XLLM.Text.Tokenizers.Models;

/// <summary>
/// Byte-pair merging of one word: the pair of lowest rank first, the leftmost of equals. Short words by scanning, long ones
/// with a heap, so that the work is O(n log n) whatever the word.
/// </summary>
internal static class BpeMerger
{
    private const int ShortWord = 24;

    /// <summary>Merges the symbols in place and returns how many are left, at the front.</summary>
    public static int Merge(Span<int> symbols, MergeTable merges) =>
        symbols.Length <= ShortWord ? MergeShort(symbols, merges) : MergeLong(symbols, merges);

    private static int MergeShort(Span<int> symbols, MergeTable merges)
    {
        int count = symbols.Length;
        while (count > 1)
        {
            int best = -1;
            MergeTable.Merge chosen = default;
            for (int i = 0; i + 1 < count; i++)
            {
                if (merges.TryGet(symbols[i], symbols[i + 1], out MergeTable.Merge merge)
                    && (best < 0 || merge.Rank < chosen.Rank))
                {
                    (best, chosen) = (i, merge);
                }
            }

            if (best < 0)
            {
                break;
            }

            symbols[best] = chosen.Id;
            symbols[(best + 2)..count].CopyTo(symbols[(best + 1)..]);
            count--;
        }

        return count;
    }

    private static int MergeLong(Span<int> symbols, MergeTable merges)
    {
        int n = symbols.Length;
        int[] next = ArrayPool<int>.Shared.Rent(n);
        int[] previous = ArrayPool<int>.Shared.Rent(n);
        var queue = new PriorityQueue<int, long>(n);
        for (int i = 0; i < n; i++)
        {
            (next[i], previous[i]) = (i + 1 < n ? i + 1 : -1, i - 1);
            if (i + 1 < n)
            {
                Enqueue(queue, symbols, merges, i, i + 1);
            }
        }

        while (queue.TryDequeue(out int at, out long priority))
        {
            int right = symbols[at] < 0 ? -1 : next[at];
            if (right < 0 || !merges.TryGet(symbols[at], symbols[right], out MergeTable.Merge merge)
                || merge.Rank != (int)(priority >> 32))
            {
                continue;
            }

            symbols[at] = merge.Id;
            symbols[right] = -1;
            next[at] = next[right];
            if (next[at] >= 0)
            {
                previous[next[at]] = at;
                Enqueue(queue, symbols, merges, at, next[at]);
            }

            if (previous[at] >= 0)
            {
                Enqueue(queue, symbols, merges, previous[at], at);
            }
        }

        ArrayPool<int>.Shared.Return(next);
        ArrayPool<int>.Shared.Return(previous);
        int count = 0;
        foreach (int symbol in symbols)
        {
            if (symbol >= 0)
            {
                symbols[count++] = symbol;
            }
        }

        return count;
    }

    private static void Enqueue(PriorityQueue<int, long> queue, Span<int> symbols, MergeTable merges, int left, int right)
    {
        if (merges.TryGet(symbols[left], symbols[right], out MergeTable.Merge merge))
        {
            queue.Enqueue(left, ((long)merge.Rank << 32) | (uint)left);
        }
    }
}
