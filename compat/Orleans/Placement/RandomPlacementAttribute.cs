using Orleans.Runtime;

namespace Orleans.Placement;

/// <summary>New activations live on a random silo.</summary>
[AttributeUsage(AttributeTargets.Class, AllowMultiple = false)]
public sealed class RandomPlacementAttribute() : PlacementAttribute(new RandomPlacement());
