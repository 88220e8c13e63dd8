namespace XLLM.Engine.Tiers;

/// <summary>Where an engine keeps KV blocks that its pool has no room for. Both sizes 0 = nowhere.</summary>
public sealed class KvTierOptions
{
    /// <summary>Bytes of host memory, 0 to 2^46; taken at the start, not on demand. Default 0.</summary>
    public long HostBytes { get; set; }

    /// <summary>Bytes of a file below that, 0 to 2^46; the file is made so large at the start. Default 0.</summary>
    public long DiskBytes { get; set; }

    /// <summary>The file; needed with <see cref="DiskBytes"/>. One engine each.</summary>
    public string DiskPath { get; set; } = "";

    /// <summary>Blocks that may wait to be copied away, 1..1,000,000; what comes beyond is not kept. Default 4096.</summary>
    public int QueueBlocks { get; set; } = 4096;

    /// <summary>At least one tier is wanted.</summary>
    public bool IsOn => HostBytes > 0 || DiskBytes > 0;

    /// <summary>All that is wrong, one line each; empty = valid.</summary>
    public IReadOnlyList<string> Validate()
    {
        List<string> errors = [];
        foreach ((string name, long bytes) in new[] { (nameof(HostBytes), HostBytes), (nameof(DiskBytes), DiskBytes) })
        {
            if (bytes is < 0 or > 1L << 46)
            {
                errors.Add($"{name} is {bytes}; it must be between 0 and {1L << 46}.");
            }
        }

        if (DiskBytes > 0 && DiskPath.Length == 0)
        {
            errors.Add("DiskPath is empty; DiskBytes needs a file.");
        }

        if (QueueBlocks is < 1 or > 1_000_000)
        {
            errors.Add($"QueueBlocks is {QueueBlocks}; it must be between 1 and 1000000.");
        }

        return errors;
    }
}
