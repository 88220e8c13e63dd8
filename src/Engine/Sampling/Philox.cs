namespace XLLM.Engine.Sampling;

/// <summary>
/// Counter-based random numbers: Philox 4x32 with 10 rounds (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3",
/// SC 2011). The draw for a token depends on the request's seed and the token's place in the output alone, so batching,
/// chunking and pre-emption cannot change it. Pure; any thread.
/// </summary>
internal static class Philox
{
    private const uint Multiplier0 = 0xD2511F53;
    private const uint Multiplier1 = 0xCD9E8D57;
    private const uint Weyl0 = 0x9E3779B9;
    private const uint Weyl1 = 0xBB67AE85;

    /// <summary>Uniform in [0, 1), 53 bits.</summary>
    public static double Uniform(ulong seed, long position)
    {
        (uint x, uint y, _, _) = Block((uint)position, (uint)(position >> 32), 0, 0, (uint)seed, (uint)(seed >> 32));
        return ((((ulong)x << 32) | y) >> 11) * (1.0 / (1UL << 53));
    }

    /// <summary>The four words at a 128-bit counter under a 64-bit key.</summary>
    public static (uint X, uint Y, uint Z, uint W) Block(uint c0, uint c1, uint c2, uint c3, uint k0, uint k1)
    {
        for (int round = 0; round < 10; round++)
        {
            ulong one = (ulong)Multiplier0 * c0;
            ulong two = (ulong)Multiplier1 * c2;
            (c0, c1, c2, c3) = ((uint)(two >> 32) ^ c1 ^ k0, (uint)two, (uint)(one >> 32) ^ c3 ^ k1, (uint)one);
            k0 += Weyl0;
            k1 += Weyl1;
        }

        return (c0, c1, c2, c3);
    }
}
