using XLLM.Scheduling.Blocks;
using XLLM.Scheduling.Pages;
using XLLM.Scheduling.Tests.Batching;

namespace XLLM.Scheduling.Tests.Pages;

/// <summary>Pages and ranges one at a time.</summary>
public class PageMapTests
{
    private readonly PageMap _map = new(32, 3, 16, 64);
    private readonly List<PageMapping> _orders = [];
    private readonly BlockPool _pool;

    public PageMapTests() => _pool = new BlockPool(32, 4, _map);

    [Fact]
    public void APage_IsFree_Allocated_Mapped_Reusable_AndMappedAgainWithoutAnOrder()
    {
        Assert.Equal(PageState.Free, _map.StateOf(0));
        int page = _pool.Allocate();
        Assert.Equal(PageState.Allocated, _map.StateOf(page));
        int range = _map.Acquire([], 1, _pool);
        Assert.True(_map.TryPlace(range, 0, [page], _orders));
        Assert.Equal(PageState.Mapped, _map.StateOf(page));
        _pool.Release(page);
        _map.Release(range);
        Assert.Equal(PageState.Reusable, _map.StateOf(page));
        Assert.Equal([new PageMapping(range, 0, page, 1)], _orders);
        _orders.Clear();

        Assert.Equal(range, _map.Acquire([], 1, _pool));
        Assert.Equal(page, _pool.Allocate(_map.PageAt(range, 0)));
        Assert.True(_map.TryPlace(range, 0, [page], _orders));

        Assert.Equal(PageState.Mapped, _map.StateOf(page));
        Assert.Empty(_orders);
        Assert.Equal(1, _map.Counts.Reuses);
        Assert.Equal(1, _map.Counts.Maps);
        Assert.Equal((31, 0, 1, 0), (_map.Counts.Free, _map.Counts.Allocated, _map.Counts.Mapped, _map.Counts.Reusable));
    }

    [Fact]
    public void PagesThatFollowEachOther_AreOneOrderAndOneMapping()
    {
        int range = _map.Acquire([], 6, _pool);
        Assert.True(_map.TryPlace(range, 0, [4, 5, 6, 9, 10, 2], _orders));

        Assert.Equal([new(range, 0, 4, 3), new(range, 3, 9, 2), new(range, 5, 2, 1)], _orders);
        Assert.Equal(3 + 3, _map.Mappings);
    }

    [Fact]
    public void OnlyWhatDiffers_IsMapped()
    {
        int range = _map.Acquire([], 5, _pool);
        Assert.True(_map.TryPlace(range, 0, [1, 2, 3, 4, 5], _orders));
        _orders.Clear();

        Assert.True(_map.TryPlace(range, 0, [1, 2, 8, 4, 9], _orders));

        Assert.Equal([new(range, 2, 8, 1), new(range, 4, 9, 1)], _orders);
    }

    [Fact]
    public void ASequence_GetsTheRangeThatHasItsPrefix()
    {
        int first = _map.Acquire([], 3, _pool);
        int second = _map.Acquire([], 3, _pool);
        Assert.True(_map.TryPlace(first, 0, [1, 2, 3], _orders));
        Assert.True(_map.TryPlace(second, 0, [7, 8, 9], _orders));
        _map.Release(first);
        _map.Release(second);

        Assert.Equal(second, _map.Acquire([7, 8, 20], 3, _pool));
        Assert.Equal(first, _map.Acquire([1], 1, _pool));
    }

    [Fact]
    public void OnePage_CanBeInSeveralRanges()
    {
        int first = _map.Acquire([], 2, _pool);
        int second = _map.Acquire([5], 2, _pool);
        int page = _pool.Allocate();
        Assert.True(_map.TryPlace(first, 0, [page, 20], _orders));
        Assert.True(_map.TryPlace(second, 0, [page, 21], _orders));

        Assert.Equal(page, _map.PageAt(first, 0));
        Assert.Equal(page, _map.PageAt(second, 0));
        Assert.Equal(1, _map.Counts.Mapped);
        Assert.Equal(2, _map.Counts.Reusable);
    }

    [Fact]
    public void WhenMappingsRunOut_TheRangeReleasedLongestAgoIsEmptied_ThenTheSequenceGoesWithout()
    {
        PageMap map = new(32, 3, 16, 10);
        int[] apart = [0, 2, 4];
        int first = map.Acquire([], 3, _pool);
        int second = map.Acquire([], 3, _pool);
        Assert.True(map.TryPlace(first, 0, apart, _orders));
        Assert.True(map.TryPlace(second, 0, apart, _orders));
        map.Release(second);
        map.Release(first);
        _orders.Clear();

        int third = map.Acquire([9], 1, _pool);
        Assert.NotEqual(first, third);
        Assert.NotEqual(second, third);
        Assert.True(map.TryPlace(third, 0, apart, _orders));
        Assert.Equal(new PageMapping(second, 0, PageMapping.Unmap, 16), _orders[0]);
        Assert.Equal(1, map.Counts.Unmaps);
        Assert.False(map.TryPlace(third, 3, [0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22], _orders));
        Assert.Equal(2, map.Counts.Unmaps);
        Assert.Equal(1, map.Counts.Fallbacks);
        Assert.InRange(map.Mappings, 1, 10);
    }

    [Fact]
    public void NoRangeLeft_OrATooLongSequence_IsNoError()
    {
        for (int i = 0; i < 3; i++)
        {
            Assert.Equal(i, _map.Acquire([], 1, _pool));
        }

        Assert.Equal(-1, _map.Acquire([], 1, _pool));
        _map.Release(1);
        Assert.Equal(-1, _map.Acquire([], 17, _pool));
        Assert.Equal(1, _map.Acquire([], 16, _pool));
        Assert.Throws<InvalidOperationException>(() => new PageMap(1, 1, 1, 1).Release(0));
    }

    [Fact]
    public void TheAudit_NamesAPageThatIsNotInPlace_AndARangeNobodyUses()
    {
        int range = _map.Acquire([], 2, _pool);
        Assert.True(_map.TryPlace(range, 0, [1, 2], _orders));

        Assert.Contains("place 1 has page 2", Assert.Single(_map.CheckIntegrity(_pool, [(range, new[] { 1, 3 }, 2)])));
        Assert.Contains("no sequence", Assert.Single(_map.CheckIntegrity(_pool, [])));
        Assert.Empty(_map.CheckIntegrity(_pool, [(range, new[] { 1, 2 }, 2)]));
    }

    [Fact]
    public void ADecode_GetsItsNextPageAStepAhead_AndFindsItThere()
    {
        PlannerModel model = new(16, 4, new(64, 8, 4, 0), BatchPoliciesForTests.DecodeFirst, new PageMap(16, 4, 16, 64));
        XLLM.Scheduling.Batching.Sequence sequence = model.Add("a", [1, 2, 3], 12);

        model.Step();
        Assert.Empty(model.Plan.MappingsAhead);
        model.Step();
        PageMapping ahead = Assert.Single(model.Plan.MappingsAhead);
        Assert.Equal((sequence.Range, 1, 1), (ahead.Range, ahead.Index, ahead.Count));
        model.Step();

        Assert.Empty(model.Plan.Mappings);
        Assert.Equal(1, model.Pages!.Counts.AheadHits);
    }

    [Fact]
    public void ASecondTurnOfAConversation_NeedsNoOrderForItsPrefix()
    {
        PlannerModel model = new(64, 4, new(256, 8, 4, 0), BatchPoliciesForTests.DecodeFirst, new PageMap(64, 4, 64, 200));
        int[] prompt = [.. Enumerable.Range(1, 40)];
        model.Add("a", prompt, 1);
        model.Step();
        long before = model.Pages!.Counts.Placed;

        model.Add("b", [.. prompt, 7, 7, 7, 7, 7], 1);
        model.Step();

        Assert.Equal(2, model.Pages.Counts.Placed - before);
        Assert.Equal(40, model.Planner.PrefixHitTokens);
    }
}
