namespace XLLM.Grammar.Text;

/// <summary>Set of code points 0..0x10FFFF as sorted, disjoint, non-adjacent ranges. Immutable.</summary>
internal sealed class CharSet
{
    public const int Last = 0x10FFFF;

    public static readonly CharSet None = new([]);
    public static readonly CharSet All = new([0, Last + 1]);

    private readonly int[] _bounds;

    private CharSet(int[] bounds) => _bounds = bounds;

    /// <summary>Alternating first code point inside and first one outside.</summary>
    public ReadOnlySpan<int> Bounds => _bounds;

    public bool IsEmpty => _bounds.Length == 0;

    public static CharSet Of(int codePoint) => new([codePoint, codePoint + 1]);

    public static CharSet Range(int first, int last) => first > last ? None : new([first, last + 1]);

    public static CharSet Of(string members)
    {
        CharSet set = None;
        foreach (char c in members)
        {
            set = set.Union(Of(c));
        }

        return set;
    }

    /// <summary>Ranges in any order, possibly touching: first, last, first, last, ...</summary>
    public static CharSet FromRanges(List<(int First, int Last)> ranges)
    {
        ranges.Sort();
        List<int> bounds = [];
        foreach ((int first, int last) in ranges)
        {
            if (bounds.Count > 0 && first <= bounds[^1])
            {
                bounds[^1] = Math.Max(bounds[^1], last + 1);
            }
            else
            {
                bounds.Add(first);
                bounds.Add(last + 1);
            }
        }

        return new CharSet([.. bounds]);
    }

    public bool Contains(int codePoint)
    {
        int at = Array.BinarySearch(_bounds, codePoint);
        return ((at < 0 ? ~at : at + 1) & 1) == 1;
    }

    public CharSet Union(CharSet other) => Combine(other, static (a, b) => a || b);

    public CharSet Intersect(CharSet other) => Combine(other, static (a, b) => a && b);

    public CharSet Complement() => All.Combine(this, static (a, b) => a && !b);

    public bool SameAs(CharSet other) => _bounds.AsSpan().SequenceEqual(other._bounds);

    public int ContentHash()
    {
        HashCode hash = default;
        foreach (int bound in _bounds)
        {
            hash.Add(bound);
        }

        return hash.ToHashCode();
    }

    private CharSet Combine(CharSet other, Func<bool, bool, bool> op)
    {
        int[] a = _bounds, b = other._bounds;
        var bounds = new List<int>(a.Length + b.Length);
        int i = 0, j = 0;
        bool inside = false;
        while (i < a.Length || j < b.Length)
        {
            int at = Math.Min(i < a.Length ? a[i] : int.MaxValue, j < b.Length ? b[j] : int.MaxValue);
            if (i < a.Length && a[i] == at)
            {
                i++;
            }

            if (j < b.Length && b[j] == at)
            {
                j++;
            }

            bool now = op((i & 1) == 1, (j & 1) == 1);
            if (now != inside)
            {
                bounds.Add(at);
                inside = now;
            }
        }

        return new CharSet([.. bounds]);
    }
}
