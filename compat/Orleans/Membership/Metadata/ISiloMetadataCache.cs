namespace Orleans.Runtime.MembershipService.SiloMetadata;

/// <summary>Metadata of the cluster's silos.</summary>
public interface ISiloMetadataCache
{
    /// <summary>The silo's metadata; empty when none is known.</summary>
    SiloMetadata GetSiloMetadata(SiloAddress siloAddress);
}
