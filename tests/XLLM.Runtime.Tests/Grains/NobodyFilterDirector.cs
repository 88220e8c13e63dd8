using Orleans.Placement;
using Orleans.Runtime;
using Orleans.Runtime.Placement;

namespace XLLM.Runtime.Tests.Grains;

/// <summary>Lets no silo pass.</summary>
public sealed class NobodyFilterDirector : IPlacementFilterDirector
{
    public IEnumerable<SiloAddress> Filter(
        PlacementFilterStrategy filterStrategy, PlacementTarget target, IEnumerable<SiloAddress> silos) => [];
}
