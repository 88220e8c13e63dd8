using Orleans.Placement;
using Orleans.Runtime;
using Orleans.Runtime.MembershipService.SiloMetadata;
using Orleans.Runtime.Placement;

namespace XLLM.Grains.Placement;

/// <summary>Keeps only the silos that have the device. When there is none the call fails and says so.</summary>
internal sealed class DevicePlacementDirector(ISiloMetadataCache metadata) : IPlacementFilterDirector
{
    public IEnumerable<SiloAddress> Filter(
        PlacementFilterStrategy filterStrategy, PlacementTarget target, IEnumerable<SiloAddress> silos)
    {
        string instance = target.GrainIdentity.Key.ToString() ?? "";
        SiloAddress[] all = [.. silos];
        SiloAddress[] holders = [.. all.Where(x => DeviceMetadata.Lists(metadata.GetSiloMetadata(x).Metadata, instance))];
        if (holders.Length == 0)
        {
            throw new OrleansException(
                $"No active silo has the device of instance '{instance}'. Looked for it in the metadata "
                + $"'{DeviceMetadata.Key}' of {all.Length} silos: {string.Join("; ", all.Select(Describe))}.");
        }

        return holders;
    }

    private string Describe(SiloAddress silo) =>
        $"{silo} has '{metadata.GetSiloMetadata(silo).Metadata.GetValueOrDefault(DeviceMetadata.Key, "none")}'";
}
