using Orleans.Placement;

namespace XLLM.Grains.Placement;

/// <summary>The strategy behind <see cref="GatewayPlacementAttribute"/>; it has no settings.</summary>
internal sealed class GatewayPlacementFilter() : PlacementFilterStrategy(order: 0);
