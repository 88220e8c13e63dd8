using Orleans.Placement;

namespace XLLM.Runtime.Tests.Grains;

public sealed class OtherRecordingFilter(int order) : PlacementFilterStrategy(order)
{
    public OtherRecordingFilter()
        : this(0)
    {
    }
}
