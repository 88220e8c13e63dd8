namespace Orleans.Runtime;

/// <summary>See <see cref="Placement.ResourceOptimizedPlacementAttribute"/>.</summary>
public sealed class ResourceOptimizedPlacement : PlacementStrategy;
