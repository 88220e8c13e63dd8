using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using XLLM.Engine.Transfer;
using XLLM.Scheduling.Blocks;

namespace XLLM.Engine.Loop;

/// <summary>
/// Blocks held for others than sequences: read or filled by transports and tiers. Each hold is a table of its own, which the
/// audit counts like a sequence's. Engine's thread.
/// </summary>
/// <param name="pool">Whose blocks they are.</param>
/// <param name="reserve">Blocks that are left for running requests when room for arriving ones is taken.</param>
internal sealed class HeldBlocks(BlockPool pool, int reserve)
{
    private readonly ConditionalWeakTable<KvHold, Entry> _byHold = [];
    private readonly HashSet<Entry> _entries = [];
    private readonly HashSet<BlockTable> _tables = [];
    private int _arriving;

    public bool IsEmpty => _entries.Count == 0 && _tables.Count == 0;

    /// <summary>Blocks held, each as often as it is.</summary>
    public int Count { get; private set; }

    /// <summary>All that holds blocks.</summary>
    public IEnumerable<BlockTable> Tables => [.. _entries.Select(entry => entry.Table), .. _tables];

    /// <summary>Holds the leading blocks that the prefix cache has.</summary>
    public KvHold Hold(KvChain chain)
    {
        BlockTable table = new();
        Extend(table, chain, chain.Hashes.Length);
        return Enter(table, isArriving: false);
    }

    /// <summary>Blocks with undefined content: no more than half of the pool all together, and none of the reserve.</summary>
    public KvHold Allocate(int count, Func<int, bool>? fits = null)
    {
        BlockTable table = new();
        int room = Math.Min(pool.Available - reserve, (pool.Blocks / 2) - _arriving);
        count = Math.Min(count, room);
        while (table.Count < count)
        {
            int block = fits is null ? pool.Allocate() : pool.AllocateWhere(fits);
            if (block < 0)
            {
                break;
            }

            table.Add(block);
        }

        return Enter(table, isArriving: true);
    }

    /// <summary>See <see cref="IKvBlockStore.StoreAsync"/>.</summary>
    public KvHold Store(KvHold filled, KvChain chain, int first)
    {
        if (filled.Blocks.Length > 0 && !_byHold.TryGetValue(filled, out _))
        {
            throw new InvalidOperationException("The blocks to store are not held, or their hold has been ended.");
        }

        BlockTable table = new();
        Extend(table, chain, first);
        if (table.Count == first)
        {
            Give(table, filled, chain);
        }

        Extend(table, chain, chain.Hashes.Length);
        Release(filled);
        return Enter(table, isArriving: false);
    }

    /// <summary>See <see cref="IBlockOwner.DivideAsync"/>.</summary>
    public (KvHold Shared, KvHold Exclusive) Divide(KvHold hold, Func<int, bool> fits)
    {
        BlockTable shared = Take(hold);
        List<int> last = [];
        while (shared.Count > 0 && fits(shared[shared.Count - 1]) && pool.TryForget(shared[shared.Count - 1]))
        {
            last.Add(shared[shared.Count - 1]);
            shared.RemoveLast();
        }

        BlockTable exclusive = new();
        for (int i = last.Count - 1; i >= 0; i--)
        {
            exclusive.Add(last[i]);
        }

        return (Enter(shared, isArriving: false), Enter(exclusive, isArriving: false));
    }

    /// <summary>See <see cref="IBlockOwner.ExchangeAsync"/>.</summary>
    public KvHold Exchange(KvHold given, ImmutableArray<int> received)
    {
        if (received.Length != given.Blocks.Length || received.Distinct().Count() != received.Length
            || received.Any(block => (uint)block >= (uint)pool.Ids || !pool.IsForeign(block)))
        {
            // They stay held: whose they are is not known any more.
            throw new InvalidOperationException($"{given.Blocks.Length} blocks cannot be exchanged for [{string.Join(", ", received)}].");
        }

        BlockTable gone = Take(given);
        BlockTable gained = new();
        for (int i = 0; i < gone.Count; i++)
        {
            pool.Exchange(gone[i], received[i]);
            gained.Add(received[i]);
        }

        return Enter(gained, isArriving: false);
    }

    /// <summary>No effect when the hold has been ended.</summary>
    public void Release(KvHold hold)
    {
        if (_byHold.TryGetValue(hold, out _))
        {
            pool.ReleaseAll(Take(hold));
        }
    }

    /// <summary>Counts a table that somebody else fills and empties.</summary>
    public void Add(BlockTable table) => _tables.Add(table);

    /// <summary>Releases what is in such a table.</summary>
    public void Remove(BlockTable table)
    {
        if (_tables.Remove(table))
        {
            pool.ReleaseAll(table);
        }
    }

    /// <summary>Holds whose object is gone: nobody can end them any more.</summary>
    public IReadOnlyList<string> CheckIntegrity() =>
    [
        .. _entries.Where(entry => !entry.Hold.TryGetTarget(out _)).Select(entry =>
            $"{entry.Table.Count} blocks from {entry.Table[0]} on are held, but their hold was dropped without being released"),
    ];

    /// <summary>Ends the hold; its references are the caller's.</summary>
    private BlockTable Take(KvHold hold)
    {
        if (hold.Blocks.Length == 0)
        {
            return new BlockTable();
        }

        if (!_byHold.TryGetValue(hold, out Entry? entry))
        {
            throw new InvalidOperationException("The blocks are not held, or their hold has been ended.");
        }

        _byHold.Remove(hold);
        _entries.Remove(entry);
        Count -= entry.Table.Count;
        _arriving -= entry.IsArriving ? entry.Table.Count : 0;
        return entry.Table;
    }

    private void Extend(BlockTable table, KvChain chain, int end)
    {
        while (table.Count < end)
        {
            int block = Find(table, chain);
            if (block < 0)
            {
                return;
            }

            pool.Retain(block);
            table.Add(block);
        }
    }

    private int Find(BlockTable table, KvChain chain)
    {
        int at = table.Count;
        return pool.Find(chain.Hashes[at], at == 0 ? -1 : table[at - 1], TokensOf(chain, at), chain.Salt);
    }

    // Blocks that the cache has already are not taken, and nothing after a hash that names other content.
    private void Give(BlockTable table, KvHold filled, KvChain chain)
    {
        for (int i = 0; i < filled.Blocks.Length && table.Count < chain.Hashes.Length; i++)
        {
            int known = Find(table, chain);
            int at = table.Count;
            if (known >= 0)
            {
                pool.Retain(known);
                table.Add(known);
            }
            else if (pool.TryStore(
                filled.Blocks[i], chain.Hashes[at], at == 0 ? -1 : table[at - 1], TokensOf(chain, at), chain.Salt))
            {
                pool.Retain(filled.Blocks[i]);
                table.Add(filled.Blocks[i]);
            }
            else
            {
                return;
            }
        }
    }

    private ReadOnlySpan<int> TokensOf(KvChain chain, int block) =>
        chain.Tokens.AsSpan().Slice(block * pool.BlockTokens, pool.BlockTokens);

    private KvHold Enter(BlockTable table, bool isArriving)
    {
        if (table.Count == 0)
        {
            return KvHold.Empty;
        }

        KvHold hold = new([.. table.Blocks.Span]);
        Entry entry = new(table, new WeakReference<KvHold>(hold), isArriving);
        _byHold.Add(hold, entry);
        _entries.Add(entry);
        Count += table.Count;
        _arriving += isArriving ? table.Count : 0;
        return hold;
    }

    private sealed class Entry(BlockTable table, WeakReference<KvHold> hold, bool isArriving)
    {
        public BlockTable Table => table;

        public WeakReference<KvHold> Hold => hold;

        public bool IsArriving => isArriving;
    }
}
