using Orleans.Runtime;

namespace Orleans.Placement;

/// <summary>New activations live on the silo that asks for them.</summary>
[AttributeUsage(AttributeTargets.Class, AllowMultiple = false)]
public sealed class PreferLocalPlacementAttribute() : PlacementAttribute(new PreferLocalPlacement());
