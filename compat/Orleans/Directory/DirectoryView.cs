namespace Orleans.Runtime;

/// <summary>The parts of the directory in one view of the cluster: which active silo has which grains' entries.</summary>
internal sealed class DirectoryView
{
    private readonly (SiloAddress Silo, uint Hash)[] _owners;

    public DirectoryView(ClusterMembershipSnapshot snapshot)
    {
        Snapshot = snapshot;
        _owners =
        [
            .. snapshot.Members.Values.Where(m => m.Status == SiloStatus.Active).Select(m => m.SiloAddress).Order()
                .Select(s => (s, unchecked((uint)s.GetConsistentHashCode()))),
        ];
    }

    public static DirectoryView Empty { get; } = new(ClusterMembershipSnapshot.Empty);

    public ClusterMembershipSnapshot Snapshot { get; }

    public bool HasOwner(SiloAddress silo) => Array.Exists(_owners, o => o.Silo.Equals(silo));

    public bool HasSameOwners(DirectoryView other) => _owners.AsSpan().SequenceEqual(other._owners);

    /// <summary>Silos that were active and are dead: they did not leave by themselves.</summary>
    public IEnumerable<SiloAddress> DeclaredDeadSince(DirectoryView old) => Snapshot.Members.Values
        .Where(m => m.Status == SiloStatus.Dead && old.HasOwner(m.SiloAddress)).Select(m => m.SiloAddress);

    /// <summary>Null when no silo is active.</summary>
    public SiloAddress? OwnerOf(GrainId grain)
    {
        SiloAddress? owner = null;
        var best = 0ul;
        var hash = grain.GetUniformHashCode();
        foreach (var (silo, siloHash) in _owners)
        {
            var weight = DirectoryOwner.Mix(hash, siloHash);
            if (owner is null || weight > best)
            {
                (owner, best) = (silo, weight);
            }
        }

        return owner;
    }
}
