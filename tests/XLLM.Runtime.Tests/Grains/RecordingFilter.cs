using Orleans.Placement;

namespace XLLM.Runtime.Tests.Grains;

public sealed class RecordingFilter(int order) : PlacementFilterStrategy(order)
{
    public RecordingFilter()
        : this(0)
    {
    }
}
