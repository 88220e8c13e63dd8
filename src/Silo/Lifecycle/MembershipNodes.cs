using Orleans.Runtime;
using Orleans.Runtime.MembershipService.SiloMetadata;
using XLLM.Contracts.Ports;

namespace XLLM.Silo.Lifecycle;

/// <summary>The silos as the membership service of this one sees them.</summary>
internal sealed class MembershipNodes(IClusterMembershipService membership, ISiloMetadataCache metadata) : IClusterNodes
{
    public IReadOnlyList<ClusterNode> Current =>
    [
        .. membership.CurrentSnapshot.Members.Values
            .OrderBy(x => x.Name, StringComparer.Ordinal).ThenBy(x => x.SiloAddress.Generation)
            .Select(x => new ClusterNode(
                x.Name, x.SiloAddress.ToParsableString(), x.Status.ToString(), metadata.GetSiloMetadata(x.SiloAddress).Metadata)),
    ];
}
