using Orleans.Placement;

namespace XLLM.Runtime.Tests.Grains;

[AttributeUsage(AttributeTargets.Class)]
public sealed class RecordingFilterAttribute(int order) : PlacementFilterAttribute(new RecordingFilter(order));
