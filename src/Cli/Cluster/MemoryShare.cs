namespace XLLM.Cli.Cluster;

/// <summary>How processes of one machine share its memory.</summary>
internal static class MemoryShare
{
    private const long Least = 16L << 20;

    /// <summary>Bytes of KV pool for each of so many engines: half of the free memory, shared out, at least 16 MiB.</summary>
    public static long KvBytes(int engines) => KvBytes(engines, FreeBytes());

    public static long KvBytes(int engines, long free) => Math.Max(Least, free / 2 / engines);

    /// <summary>
    /// Bytes of host memory for what a pool of <paramref name="pool"/> bytes gives up: as many, of a quarter of the free memory,
    /// shared out.
    /// </summary>
    public static long SpillBytes(int engines, long pool) => SpillBytes(engines, pool, FreeBytes());

    public static long SpillBytes(int engines, long pool, long free) => Math.Min(pool, free / 4 / engines);

    private static long FreeBytes()
    {
        long granted = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        const string Meminfo = "/proc/meminfo";
        if (!File.Exists(Meminfo))
        {
            return granted;
        }

        string? line = File.ReadLines(Meminfo).FirstOrDefault(x => x.StartsWith("MemAvailable:", StringComparison.Ordinal));
        return line is not null && long.TryParse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], out long kib)
            ? Math.Min(granted, kib * 1024)
            : granted;
    }
}
