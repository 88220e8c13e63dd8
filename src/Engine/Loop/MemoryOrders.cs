using XLLM.Scheduling.Batching;
using XLLM.Scheduling.Pages;

namespace XLLM.Engine.Loop;

/// <summary>
/// What a step wants done to KV memory before it runs, and what may be done while it runs. Carried out by the thread that runs
/// the step, and not earlier: the step before it may still use the same ranges and blocks.
/// </summary>
internal sealed class MemoryOrders
{
    public List<BlockCopy> Copies { get; } = [];

    public List<PageMapping> Mappings { get; } = [];

    public List<PageMapping> MappingsAhead { get; } = [];

    public void Clear()
    {
        Copies.Clear();
        Mappings.Clear();
        MappingsAhead.Clear();
    }

    /// <summary>Adds what a plan wants.</summary>
    public void Add(StepPlan plan)
    {
        Copies.AddRange(plan.Copies);
        Mappings.AddRange(plan.Mappings);
        MappingsAhead.AddRange(plan.MappingsAhead);
    }

    /// <summary>Adds what a step wanted that did not run. Its later orders count on what it ordered ahead.</summary>
    public void AddLate(MemoryOrders other)
    {
        Copies.AddRange(other.Copies);
        Mappings.AddRange(other.Mappings);
        Mappings.AddRange(other.MappingsAhead);
    }
}
