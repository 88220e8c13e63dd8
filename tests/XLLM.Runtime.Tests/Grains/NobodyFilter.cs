using Orleans.Placement;

namespace XLLM.Runtime.Tests.Grains;

public sealed class NobodyFilter(int order) : PlacementFilterStrategy(order)
{
    public NobodyFilter()
        : this(0)
    {
    }
}
