namespace Orleans.Runtime;

/// <summary>See <see cref="Placement.HashBasedPlacementAttribute"/>.</summary>
public sealed class HashBasedPlacement : PlacementStrategy;
