using System.Runtime.InteropServices;
using XLLM.Engine.Execution;
using XLLM.Scheduling.Batching;
using XLLM.Scheduling.Pages;

namespace XLLM.Engine.Loop;

/// <summary>
/// KV memory between plans and steps. Plans change tables and page map at once and say what must be done for that; it is done
/// when a step runs, in the order of the plans, also for plans whose step is taken back. <see cref="Run"/> belongs to the thread
/// that runs the step, the rest to the engine's thread.
/// </summary>
internal sealed class StepMemory
{
    // The pool counts a little more than the map: its own mapping, and the ends of the reserved space.
    private const int OwnMappings = 2;

    private readonly IModelRunner _runner;
    private readonly PageMetrics _metrics;
    private readonly MemoryOrders _carried = new();

    public StepMemory(IModelRunner runner, PageMetrics metrics)
    {
        _runner = runner;
        _metrics = metrics;
        if (runner.Ranges is { } ranges && ranges.MappingLimit - OwnMappings >= ranges.Count)
        {
            Pages = new PageMap(runner.Blocks, ranges.Count, ranges.Blocks, ranges.MappingLimit - OwnMappings);
        }
    }

    /// <summary>Where pages are mapped; null when blocks are found by their ids alone.</summary>
    public PageMap? Pages { get; }

    /// <summary>Copies were ordered that are not in the orders of a step: they will be with the next.</summary>
    public bool OwesCopies => _carried.Copies.Count > 0;

    /// <summary>Carries out what no step has taken. No step may be running or queued.</summary>
    public void RunCarried()
    {
        if (_carried.Copies.Count > 0)
        {
            Run(_carried);
        }
    }

    /// <summary>The plan has no step, or it comes later.</summary>
    public void Carry(StepPlan plan) => _carried.Add(plan);

    /// <summary>The orders were a step's that does not run.</summary>
    public void TakeBack(MemoryOrders orders)
    {
        _carried.AddLate(orders);
        orders.Clear();
    }

    /// <summary>Gives a step the orders of its plan, after those that are still to be carried out.</summary>
    public void Hand(StepPlan plan, MemoryOrders orders)
    {
        orders.AddLate(_carried);
        orders.Add(plan);
        _carried.Clear();
        if (orders.Copies.Count > 0)
        {
            _metrics.Copied(orders.Copies.Count);
        }

        if (Pages is not null)
        {
            _metrics.Record(Pages.Counts);
        }
    }

    /// <summary>Carries a step's orders out. No step may be running.</summary>
    public void Run(MemoryOrders orders)
    {
        for (int i = 0; i < orders.Copies.Count; i++)
        {
            _runner.CopyBlock(orders.Copies[i].From, orders.Copies[i].To);
        }

        if (_runner.Ranges is { } ranges && orders.Mappings.Count + orders.MappingsAhead.Count > 0)
        {
            ranges.Map(CollectionsMarshal.AsSpan(orders.Mappings), ahead: false);
            ranges.Map(CollectionsMarshal.AsSpan(orders.MappingsAhead), ahead: true);
        }

        orders.Clear();
    }
}
