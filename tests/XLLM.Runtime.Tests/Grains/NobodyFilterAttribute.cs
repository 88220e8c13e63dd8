using Orleans.Placement;

namespace XLLM.Runtime.Tests.Grains;

[AttributeUsage(AttributeTargets.Class)]
public sealed class NobodyFilterAttribute(int order) : PlacementFilterAttribute(new NobodyFilter(order));
