using Orleans.Placement;

namespace XLLM.Runtime.Tests.Grains;

[AttributeUsage(AttributeTargets.Class)]
public sealed class OtherRecordingFilterAttribute(int order) : PlacementFilterAttribute(new OtherRecordingFilter(order));
