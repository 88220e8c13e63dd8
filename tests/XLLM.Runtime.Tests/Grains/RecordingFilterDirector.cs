using System.Collections.Concurrent;
using Orleans.Placement;
using Orleans.Runtime;
using Orleans.Runtime.Placement;

namespace XLLM.Runtime.Tests.Grains;

/// <summary>Lets all silos pass and notes that it was asked.</summary>
public sealed class RecordingFilterDirector : IPlacementFilterDirector
{
    public static ConcurrentQueue<(string Key, string Filter)> Asked { get; } = new();

    public IEnumerable<SiloAddress> Filter(
        PlacementFilterStrategy filterStrategy, PlacementTarget target, IEnumerable<SiloAddress> silos)
    {
        Asked.Enqueue((target.GrainIdentity.Key.ToString(), "recording"));
        return silos;
    }
}
