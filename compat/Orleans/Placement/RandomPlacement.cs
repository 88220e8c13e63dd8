namespace Orleans.Runtime;

/// <summary>See <see cref="Placement.RandomPlacementAttribute"/>.</summary>
public sealed class RandomPlacement : PlacementStrategy;
