using System.Collections.Concurrent;

namespace Orleans.Runtime.MembershipService.SiloMetadata;

/// <summary>Metadata by silo: exchanged when a silo joins, before it becomes active.</summary>
internal sealed class SiloMetadataCache(SiloMetadata own) : ISiloMetadataCache
{
    private readonly ConcurrentDictionary<SiloAddress, SiloMetadata> _metadata = new();

    public SiloMetadata Own => own;

    public SiloMetadata GetSiloMetadata(SiloAddress siloAddress) =>
        _metadata.GetValueOrDefault(siloAddress) ?? SiloMetadata.Empty;

    public bool Has(SiloAddress silo) => _metadata.ContainsKey(silo);

    public void Set(SiloAddress silo, SiloMetadata metadata) => _metadata[silo] = metadata;

    public void Remove(SiloAddress silo) => _metadata.TryRemove(silo, out _);
}
