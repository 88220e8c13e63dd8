using Orleans.Placement;

namespace XLLM.Grains.Placement;

/// <summary>Pins a grain whose key is an instance id to the silo whose metadata lists that instance.</summary>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class DevicePlacementAttribute() : PlacementFilterAttribute(new DevicePlacementFilter());
