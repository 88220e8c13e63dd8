namespace Orleans.Runtime;

/// <summary>See <see cref="Placement.PreferLocalPlacementAttribute"/>.</summary>
public sealed class PreferLocalPlacement : PlacementStrategy;
