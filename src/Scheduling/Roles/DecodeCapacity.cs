using XLLM.Scheduling.Fleet;

namespace XLLM.Scheduling.Roles;

/// <summary>How many tokens of KV an instance may decode: what its memory holds and what its speed allows, the lesser.</summary>
public static class DecodeCapacity
{
    /// <summary>Share of the pool that is filled; the rest is for tokens to come.</summary>
    public const double MemoryShare = 0.9;

    private const double UsualSequence = 512;

    /// <summary>
    /// Most tokens, >= 1, for a step to take at most <paramref name="tpotSeconds"/>, with sequences as long as its present ones.
    /// An infinite objective leaves memory alone as the bound.
    /// </summary>
    public static long MostTokens(InstanceView view, double tpotSeconds)
    {
        long memory = (long)(view.CapacityTokens * MemoryShare);
        double length = view.DecodeRequests > 0 ? Math.Max(1, (double)view.KvTokens / view.DecodeRequests) : UsualSequence;
        long compute = double.IsFinite(tpotSeconds) ? view.Latency.Tpot.MostTokens(tpotSeconds, length) : long.MaxValue;
        return Math.Max(1, Math.Min(memory, compute));
    }

    /// <summary>Share of that in use; above 1 when it is overfull.</summary>
    public static double Use(InstanceView view, double tpotSeconds) => (double)view.KvTokens / MostTokens(view, tpotSeconds);
}
