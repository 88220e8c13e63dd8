using XLLM.Contracts.Fleet;
using XLLM.Contracts.Kv;

namespace XLLM.Scheduling.Routing;

/// <summary>What it costs to bring KV into an instance's pool.</summary>
internal static class KvMoveCost
{
    /// <summary>
    /// Seconds to move so many blocks from one instance to another; infinite when they share no way or no layout. Pages of one
    /// host are mapped, not copied.
    /// </summary>
    public static double TransferSeconds(InstanceDescriptor from, InstanceDescriptor to, long blocks, RoutingOptions options)
    {
        if (blocks <= 0)
        {
            return 0;
        }

        if (from.Kv is not { } source || to.Kv is not { } target || source.Layout != target.Layout)
        {
            return double.PositiveInfinity;
        }

        KvCapabilities common = source.Capabilities & target.Capabilities;
        if ((common & KvCapabilities.SharedPages) != 0 && source.HostId.Length > 0 && source.HostId == target.HostId)
        {
            return options.TransferDelaySeconds;
        }

        return common == KvCapabilities.None || (common == KvCapabilities.SharedPages)
            ? double.PositiveInfinity
            : options.TransferDelaySeconds + (blocks * (double)source.BlockBytes / options.TransferBytesPerSecond);
    }

    /// <summary>
    /// What of a transfer is felt when blocks are pushed while <paramref name="computeSeconds"/> of computing goes on: what does
    /// not fit beside it, and at least the last step's part.
    /// </summary>
    public static double ExposedSeconds(double transferSeconds, double computeSeconds, long tokens, RoutingOptions options)
    {
        if (!double.IsFinite(transferSeconds))
        {
            return transferSeconds;
        }

        double copying = Math.Max(0, transferSeconds - options.TransferDelaySeconds);
        double last = copying * Math.Min(1, (double)options.ChunkTokens / Math.Max(1, tokens));
        return options.TransferDelaySeconds + Math.Max(last, copying - computeSeconds);
    }

    /// <summary>Seconds to load so many blocks from a tier of the instance's own.</summary>
    public static double LoadSeconds(InstanceDescriptor instance, BlockTier tier, long blocks, RoutingOptions options)
    {
        if (blocks <= 0 || tier == BlockTier.Pool)
        {
            return 0;
        }

        double bytes = blocks * (double)(instance.Kv?.BlockBytes ?? 0);
        double rate = tier == BlockTier.Host ? options.HostBytesPerSecond : options.DiskBytesPerSecond;
        return options.TransferDelaySeconds + (bytes / rate);
    }
}
