namespace Orleans.Runtime;

/// <summary>Which silo's part of the default directory has a grain's entry: rendezvous hashing over the silos.</summary>
internal static class DirectoryOwner
{
    public static SiloAddress? Of(GrainId grain, IEnumerable<SiloAddress> silos)
    {
        var hash = grain.GetUniformHashCode();
        return silos.MaxBy(silo => Mix(hash, unchecked((uint)silo.GetConsistentHashCode())));
    }

    public static ulong Mix(uint grain, uint silo)
    {
        var x = unchecked((((ulong)grain << 32) | silo) + 0x9e3779b97f4a7c15ul);
        x = unchecked((x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ul);
        x = unchecked((x ^ (x >> 27)) * 0x94d049bb133111ebul);
        return x ^ (x >> 31);
    }
}
