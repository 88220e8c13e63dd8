namespace XLLM.Engine.Execution;

/// <summary>What mapping KV blocks into ranges has taken so far.</summary>
/// <param name="Calls">System calls.</param>
/// <param name="Blocks">Blocks mapped.</param>
/// <param name="AheadOrders">Orders given ahead of need.</param>
/// <param name="AheadWaits">Times somebody had to wait for them.</param>
/// <param name="Repairs">Mappings that a step needed and did not find.</param>
/// <param name="MapTime">Time in system calls, on any thread.</param>
/// <param name="WaitTime">Time waited for orders given ahead.</param>
/// <param name="Mappings">Mappings of the system now, an upper bound.</param>
public readonly record struct PageRangeStats(
    long Calls, long Blocks, long AheadOrders, long AheadWaits, long Repairs, TimeSpan MapTime, TimeSpan WaitTime, long Mappings);
