using Orleans.Runtime;

namespace Orleans.Placement;

/// <summary>The default strategy. The stand-in has no resource statistics: it places at random.</summary>
[AttributeUsage(AttributeTargets.Class, AllowMultiple = false)]
public sealed class ResourceOptimizedPlacementAttribute() : PlacementAttribute(new ResourceOptimizedPlacement());
