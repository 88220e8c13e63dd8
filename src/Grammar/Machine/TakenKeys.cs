namespace XLLM.Grammar.Machine;

/// <summary>Hashes of the keys (not among the names) that an object has; or of the items of an array. Persistent list.</summary>
internal sealed class TakenKeys(ulong hash, int label, TakenKeys? next)
{
    public ulong Hash { get; } = hash;

    public int Label { get; } = label;

    public TakenKeys? Next { get; } = next;

    public int Count { get; } = (next?.Count ?? 0) + 1;

    /// <summary>Of all hashes together, whatever their order.</summary>
    public ulong SetHash { get; } = (next?.SetHash ?? 0) + ValueHash.Mix(1, hash);

    public static bool Has(TakenKeys? list, ulong hash)
    {
        for (; list is not null; list = list.Next)
        {
            if (list.Hash == hash)
            {
                return true;
            }
        }

        return false;
    }
}
