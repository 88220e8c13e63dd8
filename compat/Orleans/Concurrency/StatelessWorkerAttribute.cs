using Orleans.Placement;
using Orleans.Runtime;

namespace Orleans.Concurrency;

/// <summary>
/// A grain with up to <c>maxLocalWorkers</c> activations a silo, in no directory; calls go to the caller's silo.
/// </summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class StatelessWorkerAttribute(int maxLocalWorkers)
    : PlacementAttribute(new StatelessWorkerPlacement(maxLocalWorkers))
{
    public StatelessWorkerAttribute()
        : this(-1)
    {
    }
}
