using XLLM.Contracts.Ids;

namespace XLLM.Engine.Tiers;

/// <summary>
/// Which block lies in which slot of a tier, and which was not used for longest. A block of a chain counts as used after those
/// that follow it, so that the ends of chains go first. One thread at a time.
/// </summary>
internal sealed class TierIndex
{
    private readonly Dictionary<BlockHash, LinkedListNode<(TierKey Key, int Slot)>> _byHash = [];
    private readonly LinkedList<(TierKey Key, int Slot)> _byUse = new();
    private readonly Stack<int> _free;

    /// <param name="slots">Slots there are.</param>
    /// <param name="known">What lies in some of them; of two of one name the second counts as free.</param>
    public TierIndex(int slots, IEnumerable<(TierKey Key, int Slot)>? known = null)
    {
        Slots = slots;
        HashSet<int> taken = [];
        foreach ((TierKey key, int slot) in known ?? [])
        {
            if (!_byHash.ContainsKey(key.Hash) && taken.Add(slot))
            {
                _byHash.Add(key.Hash, _byUse.AddLast((key, slot)));
            }
        }

        _free = new Stack<int>(Enumerable.Range(0, slots).Where(slot => !taken.Contains(slot)).Reverse());
    }

    public int Slots { get; }

    public int Count => _byHash.Count;

    public IEnumerable<TierKey> Keys => _byHash.Values.Select(x => x.Value.Key);

    public bool Has(TierKey key) => Find(key) >= 0;

    public bool Has(BlockHash hash) => _byHash.ContainsKey(hash);

    /// <summary>Its slot, or -1.</summary>
    public int Find(TierKey key) =>
        _byHash.TryGetValue(key.Hash, out LinkedListNode<(TierKey Key, int Slot)>? node) && node.Value.Key.IsSame(key)
            ? node.Value.Slot
            : -1;

    public void Use(TierKey key)
    {
        if (_byHash.TryGetValue(key.Hash, out LinkedListNode<(TierKey Key, int Slot)>? node))
        {
            _byUse.Remove(node);
            _byUse.AddLast(node);
        }
    }

    /// <summary>The block that would have to go for another; null while there is a free slot.</summary>
    public (TierKey Key, int Slot)? Victim() => _free.Count > 0 ? null : _byUse.First?.Value;

    /// <summary>A slot for the block, which is not in the index; -1 when there is no free one.</summary>
    public int Add(TierKey key)
    {
        if (!_free.TryPop(out int slot))
        {
            return -1;
        }

        _byHash.Add(key.Hash, _byUse.AddLast((key, slot)));
        return slot;
    }

    public void Remove(BlockHash hash)
    {
        if (_byHash.Remove(hash, out LinkedListNode<(TierKey Key, int Slot)>? node))
        {
            _byUse.Remove(node);
            _free.Push(node.Value.Slot);
        }
    }
}
