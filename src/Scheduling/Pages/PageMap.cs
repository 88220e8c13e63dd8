using XLLM.Scheduling.Blocks;

namespace XLLM.Scheduling.Pages;

/// <summary>
/// Which KV page is mapped at which place of which range of addresses, and what has to be mapped next (xTensor, the xLLM
/// report). A range belongs to one running sequence; when it ends everything stays mapped, and the next sequence gets the range
/// that fits it best. Pages are unmapped only when the system's mappings run out. Makes no system call: it orders them. Pure;
/// one thread.
/// </summary>
public sealed partial class PageMap
{
    private const int None = -1;

    private readonly int[] _mapped;
    private readonly int[] _places;
    private readonly bool[] _held;
    private readonly bool[] _owned;
    private readonly long[] _releasedAt;
    private readonly int[] _segments;
    private readonly int[] _byState = new int[4];
    private readonly int _mappingLimit;
    private long _clock;
    private int _total;
    private long _maps;
    private long _unmaps;
    private long _reuses;
    private long _placed;
    private long _aheadHits;
    private long _fallbacks;

    /// <summary>A map in which nothing is mapped and no page held.</summary>
    /// <param name="pages">Physical pages, with ids [0, pages).</param>
    /// <param name="ranges">Ranges, with ids [0, ranges).</param>
    /// <param name="rangePages">Places of a range.</param>
    /// <param name="mappingLimit">Most mappings the system may have because of this map, at least one a range.</param>
    public PageMap(int pages, int ranges, int rangePages, int mappingLimit)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(pages, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(ranges, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(rangePages, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(mappingLimit, ranges);
        Pages = pages;
        Ranges = ranges;
        RangePages = rangePages;
        _mappingLimit = mappingLimit;
        _mapped = new int[checked(ranges * rangePages)];
        Array.Fill(_mapped, None);
        _places = new int[pages];
        _held = new bool[pages];
        _owned = new bool[ranges];
        _releasedAt = new long[ranges];
        _segments = new int[ranges];
        Array.Fill(_segments, 1);
        _total = ranges;
        _byState[(int)PageState.Free] = pages;
    }

    public int Pages { get; }

    public int Ranges { get; }

    /// <summary>Places of a range: a longer sequence does not fit one.</summary>
    public int RangePages { get; }

    /// <summary>Mappings the system has because of this map; neighbours that follow each other in memory are one.</summary>
    public int Mappings => _total;

    public PageCounts Counts => new()
    {
        Free = _byState[(int)PageState.Free],
        Allocated = _byState[(int)PageState.Allocated],
        Mapped = _byState[(int)PageState.Mapped],
        Reusable = _byState[(int)PageState.Reusable],
        Maps = _maps,
        Unmaps = _unmaps,
        Reuses = _reuses,
        Placed = _placed,
        AheadHits = _aheadHits,
        Fallbacks = _fallbacks,
    };

    public PageState StateOf(int page) => State(_held[page], _places[page] > 0);

    /// <summary>The page mapped at a place, or -1.</summary>
    public int PageAt(int range, int index) => Range(range)[index];

    public bool IsOwned(int range) => _owned[range];

    /// <summary>
    /// A range for a sequence that begins with these pages and will have <paramref name="length"/> at first: of those without
    /// owner the one with most of it in place, then the one released longest ago. -1 when there is none.
    /// </summary>
    public int Acquire(ReadOnlySpan<int> chain, int length, BlockPool pool)
    {
        ArgumentNullException.ThrowIfNull(pool);
        int best = None;
        int bestFit = -1;
        for (int range = 0; range < Ranges && length <= RangePages; range++)
        {
            if (_owned[range])
            {
                continue;
            }

            int fit = Fit(Range(range), chain, length, pool);
            if (fit > bestFit || (fit == bestFit && _releasedAt[range] < _releasedAt[best]))
            {
                (best, bestFit) = (range, fit);
            }
        }

        if (best == None)
        {
            _fallbacks++;
            return None;
        }

        _owned[best] = true;
        return best;
    }

    /// <summary>The range's owner is gone. What is mapped stays mapped.</summary>
    public void Release(int range)
    {
        if (!_owned[range])
        {
            throw new InvalidOperationException($"Range {range} has no owner.");
        }

        _owned[range] = false;
        _releasedAt[range] = ++_clock;
    }

    /// <summary>
    /// Sees to it that places [<paramref name="first"/>, pages.Length) of an owned range have these pages; what must be mapped
    /// for that is added to <paramref name="orders"/>, neighbours in one order. Where the system's mappings would run out, ranges
    /// without owner are emptied first, the one released longest ago before others. False = even that was not enough: the
    /// sequence has to use its block list, and its owner to release the range.
    /// </summary>
    public bool TryPlace(int range, int first, ReadOnlySpan<int> pages, List<PageMapping> orders)
    {
        ArgumentNullException.ThrowIfNull(orders);
        Span<int> mapped = Range(range);
        for (int i = first; i < pages.Length; i++)
        {
            if (mapped[i] == pages[i])
            {
                _reuses++;
                continue;
            }

            int run = 1;
            while (i + run < pages.Length && pages[i + run] == pages[i] + run && mapped[i + run] != pages[i + run])
            {
                run++;
            }

            // What one order maps is one mapping of the system, with a border at either end.
            if (_total + 2 > _mappingLimit && !MakeRoom(orders))
            {
                _fallbacks++;
                return false;
            }

            Put(range, i, pages.Slice(i, run));
            orders.Add(new PageMapping(range, i, pages[i], run));
            _maps++;
            _placed += run;
            i += run - 1;
        }

        return true;
    }

    /// <summary>Notes that so many of the pages found in place were so because they had been ordered ahead.</summary>
    public void CountAheadHits(int pages)
    {
        _aheadHits += pages;
        _reuses -= pages;
    }

    /// <summary>Somebody holds the page now; nobody did.</summary>
    internal void Hold(int page) => SetHeld(page, true);

    /// <summary>Nobody holds the page any more.</summary>
    internal void Drop(int page) => SetHeld(page, false);

    // Leading pages that are there, then places whose pages are free to be had again.
    private static int Fit(ReadOnlySpan<int> mapped, ReadOnlySpan<int> chain, int length, BlockPool pool)
    {
        int fit = chain.CommonPrefixLength(mapped);
        for (int i = chain.Length; i < length; i++)
        {
            fit += mapped[i] != None && pool.StateOf(mapped[i]) == BlockState.Free ? 1 : 0;
        }

        return fit;
    }

    private static PageState State(bool held, bool mapped) => (held, mapped) switch
    {
        (false, false) => PageState.Free,
        (true, false) => PageState.Allocated,
        (true, true) => PageState.Mapped,
        (false, true) => PageState.Reusable,
    };

    private Span<int> Range(int range) => _mapped.AsSpan(range * RangePages, RangePages);

    private void SetHeld(int page, bool held)
    {
        _byState[(int)StateOf(page)]--;
        _held[page] = held;
        _byState[(int)StateOf(page)]++;
    }

    private void AddPlace(int page, int change)
    {
        if (page != None)
        {
            _byState[(int)StateOf(page)]--;
            _places[page] += change;
            _byState[(int)StateOf(page)]++;
        }
    }

    private void Put(int range, int index, ReadOnlySpan<int> pages)
    {
        Span<int> mapped = Range(range);
        int before = Borders(mapped, index, index + pages.Length);
        for (int i = 0; i < pages.Length; i++)
        {
            AddPlace(mapped[index + i], -1);
            AddPlace(pages[i], 1);
            mapped[index + i] = pages[i];
        }

        int change = Borders(mapped, index, index + pages.Length) - before;
        _segments[range] += change;
        _total += change;
    }

    /// <summary>Borders between the system's mappings in front of places [first, last].</summary>
    private static int Borders(ReadOnlySpan<int> mapped, int first, int last)
    {
        int borders = 0;
        for (int i = Math.Max(first, 1); i <= last && i < mapped.Length; i++)
        {
            bool merges = mapped[i - 1] == None ? mapped[i] == None : mapped[i] == mapped[i - 1] + 1;
            borders += merges ? 0 : 1;
        }

        return borders;
    }

    private bool MakeRoom(List<PageMapping> orders)
    {
        while (_total + 2 > _mappingLimit)
        {
            int oldest = None;
            for (int range = 0; range < Ranges; range++)
            {
                bool better = oldest == None || _releasedAt[range] < _releasedAt[oldest];
                if (!_owned[range] && _segments[range] > 1 && better)
                {
                    oldest = range;
                }
            }

            if (oldest == None)
            {
                return false;
            }

            Empty(oldest);
            orders.Add(new PageMapping(oldest, 0, PageMapping.Unmap, RangePages));
            _unmaps++;
        }

        return true;
    }

    private void Empty(int range)
    {
        Span<int> mapped = Range(range);
        for (int i = 0; i < mapped.Length; i++)
        {
            AddPlace(mapped[i], -1);
            mapped[i] = None;
        }

        _total -= _segments[range] - 1;
        _segments[range] = 1;
    }
}
