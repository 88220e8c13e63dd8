using XLLM.Scheduling.Blocks;
using XLLM.Scheduling.Pages;

namespace XLLM.Scheduling.Tests.Pages;

/// <summary>
/// Random lives of a page map beside a reference that knows nothing but places and holders. A failing seed replays the same life.
/// </summary>
public class PageMapPropertyTests
{
    private sealed record Life(int Range, List<int> Pages)
    {
        public int Placed { get; set; }
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void ARandomLife_AgreesWithTheReference_AndStaysUnderItsLimit(int seed)
    {
        Random random = new(seed);
        int pages = random.Next(2, 40);
        int ranges = random.Next(1, 8);
        int rangePages = random.Next(1, 24);
        int limit = ranges + random.Next(0, 40);
        PageMap map = new(pages, ranges, rangePages, limit);
        BlockPool pool = new(pages, 4, map);
        PageSpace space = new(ranges, rangePages);
        List<Life> lives = [];
        List<PageMapping> orders = [];
        for (int step = 0; step < 600; step++)
        {
            orders.Clear();
            switch (random.Next(4))
            {
                case 0:
                    Begin(random, pool, map, lives);
                    break;
                case 1 when lives.Count > 0:
                    EndOne(random, pool, map, lives);
                    break;
                default:
                    Grow(random, pool, map, lives, orders);
                    break;
            }

            space.Carry(orders);
            Assert.Empty(map.CheckIntegrity(pool, lives.Select(life => (life.Range, Memory(life), life.Placed))));
            Assert.Equal(space.MappingsWithAhead(), map.Mappings);
            Assert.InRange(map.Mappings, ranges, limit);
            for (int range = 0; range < ranges; range++)
            {
                int[] places = space.Places(range);
                Assert.Equal(places, Enumerable.Range(0, rangePages).Select(index => map.PageAt(range, index)));
            }

            Assert.All(lives, life => Assert.Equal(life.Pages.Take(life.Placed), space.Places(life.Range).Take(life.Placed)));
            CheckStates(pages, ranges, pool, map, space);
        }
    }

    public static TheoryData<int> Seeds() => [.. Enumerable.Range(0, 60)];

    private static ReadOnlyMemory<int> Memory(Life life) => life.Pages.ToArray();

    private static void CheckStates(int pages, int ranges, BlockPool pool, PageMap map, PageSpace space)
    {
        HashSet<int> mapped = [.. Enumerable.Range(0, ranges).SelectMany(space.Places)];
        Dictionary<PageState, int> counts = Enum.GetValues<PageState>().ToDictionary(state => state, _ => 0);
        for (int page = 0; page < pages; page++)
        {
            PageState expected = (pool.RefsOf(page) > 0, mapped.Contains(page)) switch
            {
                (false, false) => PageState.Free,
                (true, false) => PageState.Allocated,
                (true, true) => PageState.Mapped,
                _ => PageState.Reusable,
            };
            counts[expected]++;
            Assert.Equal(expected, map.StateOf(page));
        }

        PageCounts now = map.Counts;
        Assert.Equal(counts[PageState.Free], now.Free);
        Assert.Equal(counts[PageState.Allocated], now.Allocated);
        Assert.Equal(counts[PageState.Mapped], now.Mapped);
        Assert.Equal(counts[PageState.Reusable], now.Reusable);
    }

    // With the leading pages of another one now and then.
    private static void Begin(Random random, BlockPool pool, PageMap map, List<Life> lives)
    {
        List<int> chain = [];
        if (lives.Count > 0 && random.Next(2) == 0)
        {
            Life other = lives[random.Next(lives.Count)];
            chain.AddRange(other.Pages.Take(random.Next(other.Pages.Count + 1)));
        }

        int range = map.Acquire(chain.ToArray(), random.Next(chain.Count, chain.Count + 5), pool);
        if (range >= 0)
        {
            chain.ForEach(pool.Retain);
            lives.Add(new Life(range, chain));
        }
    }

    private static void EndOne(Random random, BlockPool pool, PageMap map, List<Life> lives)
    {
        Life life = lives[random.Next(lives.Count)];
        life.Pages.ForEach(pool.Release);
        map.Release(life.Range);
        lives.Remove(life);
    }

    private static void Grow(Random random, BlockPool pool, PageMap map, List<Life> lives, List<PageMapping> orders)
    {
        foreach (Life life in lives.Where(_ => random.Next(2) == 0).ToArray())
        {
            int wanted = Math.Min(map.RangePages, life.Pages.Count + random.Next(4));
            while (life.Pages.Count < wanted && pool.Available > 0)
            {
                life.Pages.Add(pool.Allocate(map.PageAt(life.Range, life.Pages.Count)));
            }

            if (map.TryPlace(life.Range, life.Placed, life.Pages.ToArray(), orders))
            {
                life.Placed = life.Pages.Count;
            }
            else
            {
                life.Pages.ForEach(pool.Release);
                map.Release(life.Range);
                lives.Remove(life);
            }
        }
    }
}
