namespace Orleans.Runtime;

/// <summary>The cluster as this silo sees it.</summary>
public interface IClusterMembershipService
{
    ClusterMembershipSnapshot CurrentSnapshot { get; }

    /// <summary>The current snapshot, then each newer one.</summary>
    IAsyncEnumerable<ClusterMembershipSnapshot> MembershipUpdates { get; }

    /// <summary>Reads the table until it is at least at this version.</summary>
    ValueTask Refresh(MembershipVersion minimumVersion = default, CancellationToken cancellationToken = default);

    /// <summary>Declares a silo dead; false when it could not be written.</summary>
    Task<bool> TryKill(SiloAddress siloAddress);
}
