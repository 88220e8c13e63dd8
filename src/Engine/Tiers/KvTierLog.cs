using Microsoft.Extensions.Logging;

namespace XLLM.Engine.Tiers;

/// <summary>What the tiers log.</summary>
internal static partial class KvTierLog
{
    [LoggerMessage(LogLevel.Information, "KV tier {Path}: {Slots} blocks, {Found} of them from before.")]
    public static partial void DiskTierOpened(this ILogger logger, string path, int slots, int found);

    [LoggerMessage(LogLevel.Warning, "KV tier {Path}: the block in slot {Slot} is damaged and is forgotten.")]
    public static partial void DiskBlockDamaged(this ILogger logger, string path, int slot);

    [LoggerMessage(LogLevel.Warning, "KV tier {Path}: {Why}")]
    public static partial void DiskFailed(this ILogger logger, string path, string why);

    [LoggerMessage(LogLevel.Error, "KV tier {Path} is given up after failures in a row; blocks are kept in memory only.")]
    public static partial void DiskGivenUp(this ILogger logger, string path);

    [LoggerMessage(LogLevel.Error, "KV blocks could not be copied to a lower tier.")]
    public static partial void OffloadFailed(this ILogger logger, Exception error);
}
