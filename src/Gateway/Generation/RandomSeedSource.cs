namespace XLLM.Gateway.Generation;

/// <summary>Seeds from the system's shared generator.</summary>
internal sealed class RandomSeedSource : ISeedSource
{
    public ulong Next() => (ulong)Random.Shared.NextInt64(long.MinValue, long.MaxValue);
}
