using System.Text;

namespace Orleans;

/// <summary>A 32-bit hash (FNV-1a with a final mix) that is the same in every process.</summary>
public static class StableHash
{
    public static uint ComputeHash(string data)
    {
        ArgumentNullException.ThrowIfNull(data);
        return ComputeHash(Encoding.UTF8.GetBytes(data));
    }

    public static uint ComputeHash(ReadOnlySpan<byte> data)
    {
        var hash = 2166136261u;
        foreach (var b in data)
        {
            hash = unchecked((hash ^ b) * 16777619u);
        }

        hash ^= hash >> 16;
        hash = unchecked(hash * 0x85ebca6bu);
        hash ^= hash >> 13;
        hash = unchecked(hash * 0xc2b2ae35u);
        return hash ^ (hash >> 16);
    }
}
