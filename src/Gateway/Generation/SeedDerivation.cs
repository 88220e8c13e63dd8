namespace XLLM.Gateway.Generation;

/// <summary>Seeds of the choices of one request.</summary>
internal static class SeedDerivation
{
    private const ulong Golden = 0x9E3779B97F4A7C15;

    /// <summary>
    /// Choice 0 has the request's own seed, so that n = 1 equals the first of many; the others have seeds far from it and from
    /// each other, also when requests have neighbouring seeds (the finaliser of SplitMix64, Steele et al. 2014).
    /// </summary>
    public static ulong ForChoice(ulong seed, int choice)
    {
        if (choice == 0)
        {
            return seed;
        }

        ulong z = unchecked(seed + (Golden * (ulong)choice));
        z = unchecked((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9);
        z = unchecked((z ^ (z >> 27)) * 0x94D049BB133111EB);
        return z ^ (z >> 31);
    }
}
