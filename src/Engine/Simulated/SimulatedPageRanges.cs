using XLLM.Engine.Execution;
using XLLM.Scheduling.Pages;

namespace XLLM.Engine.Simulated;

/// <summary>Ranges without memory: remembers what is mapped where, and what a step had to map by itself.</summary>
internal sealed class SimulatedPageRanges : IPageRanges
{
    private readonly int[] _mapped;
    private readonly List<PageMapping> _ahead = [];
    private long _calls;
    private long _blocks;
    private long _aheadOrders;
    private long _repairs;

    public SimulatedPageRanges(SimulatedModelOptions options)
    {
        Count = options.Ranges;
        Blocks = (options.ContextLength + options.BlockTokens - 1) / options.BlockTokens;
        MappingLimit = options.MappingLimit;
        _mapped = new int[checked(Count * Blocks)];
        Array.Fill(_mapped, -1);
    }

    public int Count { get; }

    public int Blocks { get; }

    public int MappingLimit { get; }

    public PageRangeStats Stats =>
        new(_calls, _blocks, _aheadOrders, 0, _repairs, TimeSpan.Zero, TimeSpan.Zero, Mappings());

    public void Map(ReadOnlySpan<PageMapping> orders, bool ahead)
    {
        if (ahead)
        {
            _aheadOrders += orders.Length;
            _ahead.AddRange(orders);
            return;
        }

        CatchUp();
        foreach (PageMapping order in orders)
        {
            Carry(order);
        }
    }

    /// <summary>The blocks the range has at its first places, after mapping those that are not as wanted.</summary>
    public ReadOnlySpan<int> Ensure(int range, ReadOnlySpan<int> blocks)
    {
        CatchUp();
        Span<int> mapped = _mapped.AsSpan(range * Blocks, blocks.Length);
        if (!mapped.SequenceEqual(blocks))
        {
            _repairs++;
            blocks.CopyTo(mapped);
        }

        return mapped;
    }

    private void CatchUp()
    {
        foreach (PageMapping order in _ahead)
        {
            Carry(order);
        }

        _ahead.Clear();
    }

    private void Carry(PageMapping order)
    {
        Span<int> places = _mapped.AsSpan((order.Range * Blocks) + order.Index, order.Count);
        for (int i = 0; i < places.Length; i++)
        {
            places[i] = order.Page == PageMapping.Unmap ? -1 : order.Page + i;
        }

        _calls++;
        _blocks += order.Page == PageMapping.Unmap ? 0 : order.Count;
    }

    // As the system counts: neighbours that follow each other are one.
    private long Mappings()
    {
        long count = 0;
        for (int i = 0; i < _mapped.Length; i++)
        {
            bool merges = i % Blocks > 0 && (_mapped[i] < 0 ? _mapped[i - 1] < 0 : _mapped[i] == _mapped[i - 1] + 1);
            count += merges ? 0 : 1;
        }

        return count;
    }
}
