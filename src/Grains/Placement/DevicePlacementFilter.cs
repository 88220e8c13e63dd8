using Orleans.Placement;

namespace XLLM.Grains.Placement;

/// <summary>The strategy behind <see cref="DevicePlacementAttribute"/>; it has no settings.</summary>
internal sealed class DevicePlacementFilter() : PlacementFilterStrategy(order: 0);
