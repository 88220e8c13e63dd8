using Orleans.Runtime;

namespace Orleans.Placement;

/// <summary>New activations live on the silo that the grain id's hash chooses among the active ones.</summary>
[AttributeUsage(AttributeTargets.Class, AllowMultiple = false)]
public sealed class HashBasedPlacementAttribute() : PlacementAttribute(new HashBasedPlacement());
