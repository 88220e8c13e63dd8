using System.Collections.Immutable;

namespace Orleans.Runtime;

/// <summary>All silos at one version of the membership table.</summary>
[GenerateSerializer, Immutable]
public sealed class ClusterMembershipSnapshot(
    ImmutableDictionary<SiloAddress, ClusterMember> members, MembershipVersion version)
{
    [Id(0)]
    public ImmutableDictionary<SiloAddress, ClusterMember> Members { get; } = members;

    [Id(1)]
    public MembershipVersion Version { get; } = version;

    internal static ClusterMembershipSnapshot Empty { get; } =
        new(ImmutableDictionary<SiloAddress, ClusterMember>.Empty, MembershipVersion.MinValue);

    /// <summary>Status of a silo; Dead when a successor on its endpoint is known, None when nothing is.</summary>
    public SiloStatus GetSiloStatus(SiloAddress silo)
    {
        if (Members.TryGetValue(silo, out var member))
        {
            return member.Status;
        }

        return Members.Keys.Any(m => m.IsSuccessorOf(silo)) ? SiloStatus.Dead : SiloStatus.None;
    }

    public override string ToString() => $"[Version: {Version}, {Members.Count} silos: {string.Join(", ", Members.Values)}]";
}
