using Orleans.Placement;

namespace XLLM.Grains.Placement;

/// <summary>Keeps a grain off the silos with engines where others are: those are killed, paused and restarted more often.</summary>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class GatewayPlacementAttribute() : PlacementFilterAttribute(new GatewayPlacementFilter());
