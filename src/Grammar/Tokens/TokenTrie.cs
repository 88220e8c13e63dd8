namespace XLLM.Grammar.Tokens;

/// <summary>
/// Trie of byte strings as flat arrays in depth-first order; node 0 is the root. The subtree of a node ends at <c>End[node]</c>, and
/// its entries lie together. Immutable.
/// </summary>
internal sealed class TokenTrie
{
    private readonly int[] _firstEntry;

    /// <param name="items">Strings with what they stand for.</param>
    /// <param name="sorted">They are in ascending order already.</param>
    public TokenTrie(IReadOnlyList<(byte[] Bytes, int Entry)> items, bool sorted)
    {
        int[] order = [.. Enumerable.Range(0, items.Count)];
        if (!sorted)
        {
            Array.Sort(order, (a, b) =>
                items[a].Bytes.AsSpan().SequenceCompareTo(items[b].Bytes) is var c && c != 0 ? c : a.CompareTo(b));
        }

        List<byte> bytes = [0];
        List<byte> depths = [0];
        List<int> ends = [0], firsts = [0];
        Entries = new int[items.Count];
        List<int> path = [0];
        byte[] last = [];
        for (int i = 0; i < order.Length; i++)
        {
            byte[] text = items[order[i]].Bytes;
            if (text.Length > 255)
            {
                throw new ArgumentException("a token of more than 255 bytes", nameof(items));
            }

            int common = last.AsSpan().CommonPrefixLength(text);
            while (path.Count > common + 1)
            {
                ends[path[^1]] = bytes.Count;
                path.RemoveAt(path.Count - 1);
            }

            for (int d = common; d < text.Length; d++)
            {
                path.Add(bytes.Count);
                bytes.Add(text[d]);
                depths.Add((byte)(d + 1));
                ends.Add(0);
                firsts.Add(i);
            }

            Entries[i] = items[order[i]].Entry;
            last = text;
            MaxDepth = Math.Max(MaxDepth, text.Length);
        }

        foreach (int node in path)
        {
            ends[node] = bytes.Count;
        }

        Bytes = [.. bytes];
        Depth = [.. depths];
        End = [.. ends];
        _firstEntry = [.. firsts, items.Count];
        OwnEnd = new int[Bytes.Length];
        for (int n = 0; n < Bytes.Length; n++)
        {
            // Entries of a node come before those of its first child.
            OwnEnd[n] = n + 1 < Bytes.Length && n + 1 < End[n] ? _firstEntry[n + 1] : EntriesEnd(n);
        }
    }

    public byte[] Bytes { get; }

    public byte[] Depth { get; }

    public int[] End { get; }

    public int[] Entries { get; }

    public int MaxDepth { get; }

    /// <summary>One past the last entry that ends at a node itself.</summary>
    public int[] OwnEnd { get; }

    public int Count => Bytes.Length;

    /// <summary>The entry of the longest string that a text begins with, and its length; -1 = there is none.</summary>
    public int Longest(ReadOnlySpan<byte> text, out int length)
    {
        int found = -1;
        length = 0;
        int node = 0;
        for (int at = 0; at < text.Length; at++)
        {
            int child = node + 1;
            while (child < End[node] && Bytes[child] != text[at])
            {
                child = End[child];
            }

            if (child >= End[node])
            {
                break;
            }

            node = child;
            if (FirstEntry(node) < OwnEnd[node])
            {
                (found, length) = (Entries[FirstEntry(node)], at + 1);
            }
        }

        return found;
    }

    public int FirstEntry(int node) => _firstEntry[node];

    /// <summary>One past the last entry at or below a node.</summary>
    public int EntriesEnd(int node) => End[node] < Bytes.Length ? _firstEntry[End[node]] : Entries.Length;
}
