using Orleans.Placement;
using Orleans.Runtime;
using Orleans.Runtime.MembershipService.SiloMetadata;
using Orleans.Runtime.Placement;

namespace XLLM.Grains.Placement;

/// <summary>Keeps the silos without devices; all of them when each has some.</summary>
internal sealed class GatewayPlacementDirector(ISiloMetadataCache metadata) : IPlacementFilterDirector
{
    public IEnumerable<SiloAddress> Filter(
        PlacementFilterStrategy filterStrategy, PlacementTarget target, IEnumerable<SiloAddress> silos)
    {
        SiloAddress[] all = [.. silos];
        SiloAddress[] gateways = [.. all.Where(x => DeviceMetadata.IsGateway(metadata.GetSiloMetadata(x).Metadata))];
        return gateways.Length > 0 ? gateways : all;
    }
}
