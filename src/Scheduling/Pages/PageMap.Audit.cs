using XLLM.Scheduling.Blocks;

namespace XLLM.Scheduling.Pages;

/// <summary>The audit.</summary>
public sealed partial class PageMap
{
    /// <summary>
    /// Counts everything again and compares it with what was kept along the way, and with the pool whose blocks the pages are.
    /// <paramref name="owned"/> are the ranges that sequences have, with their pages and how many of these must be in place.
    /// Empty = sound; else one line a fault. Slow; for idle moments and tests.
    /// </summary>
    public IReadOnlyList<string> CheckIntegrity(
        BlockPool pool, IEnumerable<(int Range, ReadOnlyMemory<int> Pages, int Placed)> owned)
    {
        ArgumentNullException.ThrowIfNull(pool);
        ArgumentNullException.ThrowIfNull(owned);
        List<string> faults = [];
        CheckPages(pool, faults);
        CheckRanges(faults);
        bool[] seen = new bool[Ranges];
        foreach ((int range, ReadOnlyMemory<int> pages, int placed) in owned)
        {
            if (!_owned[range] || seen[range])
            {
                faults.Add($"range {range}: used by a sequence, but owned {_owned[range]}, and by another one {seen[range]}");
            }

            seen[range] = true;
            int same = pages.Span[..placed].CommonPrefixLength(Range(range));
            if (same < placed)
            {
                faults.Add(
                    $"range {range}: place {same} has page {PageAt(range, same)}, its sequence page {pages.Span[same]}");
            }
        }

        for (int range = 0; range < Ranges; range++)
        {
            if (_owned[range] && !seen[range])
            {
                faults.Add($"range {range}: owned, but no sequence uses it");
            }
        }

        return faults;
    }

    private void CheckPages(BlockPool pool, List<string> faults)
    {
        int[] places = new int[Pages];
        foreach (int page in _mapped)
        {
            if (page != None)
            {
                places[page]++;
            }
        }

        int[] byState = new int[_byState.Length];
        for (int page = 0; page < Pages; page++)
        {
            if (places[page] != _places[page])
            {
                faults.Add($"page {page}: mapped at {places[page]} places, count says {_places[page]}");
            }

            if (_held[page] != pool.RefsOf(page) > 0)
            {
                faults.Add($"page {page}: held {_held[page]}, the pool counts {pool.RefsOf(page)} holders");
            }

            byState[(int)State(pool.RefsOf(page) > 0, places[page] > 0)]++;
        }

        for (int state = 0; state < byState.Length; state++)
        {
            if (byState[state] != _byState[state])
            {
                faults.Add($"{byState[state]} pages are {(PageState)state}, count says {_byState[state]}");
            }
        }
    }

    private void CheckRanges(List<string> faults)
    {
        int total = 0;
        for (int range = 0; range < Ranges; range++)
        {
            int segments = 1 + Borders(Range(range), 1, RangePages - 1);
            total += segments;
            if (segments != _segments[range])
            {
                faults.Add($"range {range}: {segments} mappings, count says {_segments[range]}");
            }
        }

        if (total != _total || total > _mappingLimit)
        {
            faults.Add($"{total} mappings, count says {_total}, limit {_mappingLimit}");
        }
    }
}
