namespace XLLM.Engine.Transfer;

/// <summary>What processes have in common that can map each other's memory.</summary>
public static class KvHost
{
    /// <summary>
    /// Equal for processes of one running system and one process namespace (<see cref="Contracts.Kv.KvEndpoint.HostId"/>); empty
    /// where there is no such thing.
    /// </summary>
    public static string Id { get; } = Read();

    private static string Read()
    {
        try
        {
            string boot = File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim();
            string space = new FileInfo("/proc/self/ns/pid").LinkTarget ?? "";
            return boot.Length > 0 && space.Length > 0 ? $"{boot} {space}" : "";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}
