using Orleans.Placement;
using Orleans.Runtime;
using Orleans.Runtime.Placement;

namespace XLLM.Runtime.Tests.Grains;

/// <summary>Lets one silo pass, the least, and notes that it was asked.</summary>
public sealed class OtherRecordingFilterDirector : IPlacementFilterDirector
{
    public IEnumerable<SiloAddress> Filter(
        PlacementFilterStrategy filterStrategy, PlacementTarget target, IEnumerable<SiloAddress> silos)
    {
        RecordingFilterDirector.Asked.Enqueue((target.GrainIdentity.Key.ToString(), "other"));
        return silos.OrderBy(s => s).Take(1);
    }
}
