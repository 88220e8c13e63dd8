namespace XLLM.Text.Tokenizers.Patterns;

/// <summary>
/// An immutable set of Unicode code points (0 to 0x10FFFF): sorted, disjoint ranges, with a bitmap per block of 256.
/// </summary>
internal sealed class CodePointSet
{
    public const int MaxCodePoint = 0x10FFFF;
    private const int PageBits = 8;
    private static readonly ulong[] AllOut = new ulong[4];
    private static readonly ulong[] AllIn = [ulong.MaxValue, ulong.MaxValue, ulong.MaxValue, ulong.MaxValue];

    private readonly CodePointRange[] _ranges;
    private readonly Lazy<ulong[][]> _pages;
    private readonly ulong _ascii0;
    private readonly ulong _ascii1;

    private CodePointSet(CodePointRange[] ranges)
    {
        _ranges = ranges;
        foreach (CodePointRange range in ranges)
        {
            for (int c = range.First; c <= Math.Min(range.Last, 127); c++)
            {
                (c < 64 ? ref _ascii0 : ref _ascii1) |= 1UL << (c & 63);
            }
        }

        _pages = new Lazy<ulong[][]>(() => BuildPages(ranges));
    }

    public static CodePointSet Empty { get; } = new([]);

    public static CodePointSet All { get; } = new([new CodePointRange(0, MaxCodePoint)]);

    public IReadOnlyList<CodePointRange> Ranges => _ranges;

    public bool IsEmpty => _ranges.Length == 0;

    public static CodePointSet Of(int codePoint) => new([new CodePointRange(codePoint, codePoint)]);

    public static CodePointSet Of(IEnumerable<CodePointRange> ranges)
    {
        var sorted = ranges.Where(r => r.First <= r.Last).OrderBy(r => r.First).ToList();
        var merged = new List<CodePointRange>(sorted.Count);
        foreach (CodePointRange range in sorted)
        {
            if (merged.Count > 0 && range.First <= merged[^1].Last + 1)
            {
                merged[^1] = new CodePointRange(merged[^1].First, Math.Max(merged[^1].Last, range.Last));
            }
            else
            {
                merged.Add(range);
            }
        }

        return new CodePointSet([.. merged]);
    }

    public bool Contains(int codePoint)
    {
        if (codePoint < 128)
        {
            return ((codePoint < 64 ? _ascii0 : _ascii1) >> (codePoint & 63) & 1) != 0;
        }

        ulong[] page = _pages.Value[codePoint >> PageBits];
        int bit = codePoint & 0xFF;
        return (page[bit >> 6] >> (bit & 63) & 1) != 0;
    }

    public CodePointSet Union(CodePointSet other) => Of(_ranges.Concat(other._ranges));

    public CodePointSet Intersect(CodePointSet other) => Negate().Union(other.Negate()).Negate();

    public CodePointSet Negate()
    {
        var result = new List<CodePointRange>(_ranges.Length + 1);
        int next = 0;
        foreach (CodePointRange range in _ranges)
        {
            if (range.First > next)
            {
                result.Add(new CodePointRange(next, range.First - 1));
            }

            next = range.Last + 1;
        }

        if (next <= MaxCodePoint)
        {
            result.Add(new CodePointRange(next, MaxCodePoint));
        }

        return new CodePointSet([.. result]);
    }

    private static ulong[][] BuildPages(CodePointRange[] ranges)
    {
        var pages = new ulong[(MaxCodePoint >> PageBits) + 1][];
        Array.Fill(pages, AllOut);
        foreach (CodePointRange range in ranges)
        {
            for (int page = range.First >> PageBits; page <= range.Last >> PageBits; page++)
            {
                int from = Math.Max(range.First, page << PageBits);
                int to = Math.Min(range.Last, (page << PageBits) + 0xFF);
                if (to - from == 0xFF)
                {
                    pages[page] = AllIn;
                    continue;
                }

                if (ReferenceEquals(pages[page], AllOut))
                {
                    pages[page] = new ulong[4];
                }

                for (int c = from; c <= to; c++)
                {
                    pages[page][(c & 0xFF) >> 6] |= 1UL << (c & 63);
                }
            }
        }

        return pages;
    }
}
