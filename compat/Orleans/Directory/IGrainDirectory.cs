using Orleans.Runtime;

namespace Orleans.GrainDirectory;

/// <summary>Where activations are. At most one a grain.</summary>
public interface IGrainDirectory
{
    /// <summary>Registers unless another is there; gives the one that is there afterwards.</summary>
    Task<GrainAddress?> Register(GrainAddress address);

    /// <summary>
    /// As <see cref="Register(GrainAddress)"/>, but replaces <paramref name="previousAddress"/> when that is there.
    /// </summary>
    Task<GrainAddress?> Register(GrainAddress address, GrainAddress? previousAddress);

    /// <summary>Removes this very activation.</summary>
    Task Unregister(GrainAddress address);

    Task<GrainAddress?> Lookup(GrainId grainId);

    /// <summary>Removes all activations of silos that are gone.</summary>
    Task UnregisterSilos(List<SiloAddress> siloAddresses);
}
