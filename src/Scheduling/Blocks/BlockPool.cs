using System.Collections.Immutable;
using XLLM.Contracts.Ids;
using XLLM.Contracts.Ports;
using XLLM.Scheduling.Pages;

namespace XLLM.Scheduling.Blocks;

/// <summary>
/// Owns the ids of a KV pool's blocks: who holds them, which are free, and which still have content worth finding. Blocks that
/// nobody holds but the prefix index knows stay until room is needed; then the one unused for longest goes, and never before
/// the blocks that follow it in its chain. One thread.
/// </summary>
public sealed partial class BlockPool
{
    private const int None = -1;

    private readonly int[] _refs;
    private readonly BlockState[] _states;
    private readonly int[] _free;
    private readonly int[] _freeAt;
    private readonly int[] _older;
    private readonly int[] _newer;
    private readonly PrefixIndex _index;
    private int _freeCount;
    private int _oldest = None;
    private int _newest = None;

    /// <summary>
    /// A pool of blocks with ids [0, <paramref name="blocks"/>), all free. <paramref name="pages"/> is told which are held.
    /// Blocks of other pools can come in exchange for its own, with <paramref name="guests"/> ids after those.
    /// </summary>
    public BlockPool(int blocks, int blockTokens, PageMap? pages = null, int guests = 0)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(blocks, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(guests);
        ArgumentOutOfRangeException.ThrowIfLessThan(blockTokens, 1);
        Blocks = blocks;
        BlockTokens = blockTokens;
        Pages = pages;
        Ids = checked(blocks + guests);
        _refs = new int[Ids];
        _states = new BlockState[Ids];
        _free = new int[Ids];
        _freeAt = new int[Ids];
        _older = new int[Ids];
        _newer = new int[Ids];
        _index = new PrefixIndex(Ids, blockTokens);
        _states.AsSpan(blocks).Fill(BlockState.Foreign);
        for (int i = blocks - 1; i >= 0; i--)
        {
            AddFree(i);
        }
    }

    /// <summary>Blocks it owns. Exchanges do not change how many.</summary>
    public int Blocks { get; }

    /// <summary>Ids of blocks are [0, Ids).</summary>
    public int Ids { get; }

    public int BlockTokens { get; }

    /// <summary>Blocks that can be had: free, or cached and unused.</summary>
    public int Available => _freeCount + CachedCount;

    public int FreeCount => _freeCount;

    public int CachedCount { get; private set; }

    /// <summary>Blocks in the prefix index, used or not.</summary>
    public int IndexedCount => _index.Count;

    /// <summary>Where blocks are mapped; null when nothing is.</summary>
    public PageMap? Pages { get; }

    /// <summary>Is told of the content of blocks; null = nobody wants to know.</summary>
    public IBlockTags? Tags { get; init; }

    /// <summary>Gains and losses of the prefix index.</summary>
    public BlockEventLog Events { get; } = new();

    /// <summary>Blocks that hold this many tokens.</summary>
    public int BlocksFor(int tokens) => (int)(((long)tokens + BlockTokens - 1) / BlockTokens);

    public BlockState StateOf(int block) => _states[block];

    public int RefsOf(int block) => _refs[block];

    /// <summary>Whether the block is in the prefix index: its content must not change.</summary>
    public bool IsStored(int block) => _index.Has(block);

    /// <summary>
    /// A block with one reference and undefined content, or -1 when every block is held. <paramref name="preferred"/> when that
    /// one is free.
    /// </summary>
    public int Allocate(int preferred = None)
    {
        int block;
        if ((uint)preferred < (uint)Ids && _states[preferred] == BlockState.Free)
        {
            block = preferred;
            TakeFree(block);
        }
        else if (_freeCount > 0)
        {
            block = _free[--_freeCount];
        }
        else if (_oldest != None)
        {
            block = _oldest;
            Unlink(block);
            Forget(block);
            block = Replaced(block);
        }
        else
        {
            return None;
        }

        _states[block] = BlockState.Allocated;
        _refs[block] = 1;
        Pages?.Hold(block);
        return block;
    }

    /// <summary>One more holder of a block that is allocated or cached.</summary>
    public void Retain(int block)
    {
        switch (_states[block])
        {
            case BlockState.Allocated:
                break;
            case BlockState.Cached:
                Unlink(block);
                _states[block] = BlockState.Allocated;
                Pages?.Hold(block);
                break;
            default:
                throw new InvalidOperationException($"Block {block} is {_states[block]}; only one with content can be shared.");
        }

        _refs[block]++;
    }

    /// <summary>
    /// One holder less. A sequence releases from its last block to its first, so that in order of time children come before
    /// their parents.
    /// </summary>
    public void Release(int block)
    {
        if (_states[block] != BlockState.Allocated)
        {
            throw new InvalidOperationException($"Block {block} is {_states[block]}; it cannot be released.");
        }

        if (--_refs[block] > 0)
        {
            return;
        }

        Pages?.Drop(block);
        if (_index.Has(block))
        {
            _states[block] = BlockState.Cached;
            LinkNewest(block);
        }
        else
        {
            _states[block] = BlockState.Free;
            AddFree(block);
        }
    }

    /// <summary>Releases all blocks of a table, last first, and empties it.</summary>
    public void ReleaseAll(BlockTable table)
    {
        for (int i = table.Count - 1; i >= 0; i--)
        {
            Release(table[i]);
        }

        table.Clear();
    }

    /// <summary>The indexed block with this hash and exactly this content after this parent block (-1 = none), or -1.</summary>
    public int Find(BlockHash hash, int parent, ReadOnlySpan<int> tokens, string salt) =>
        _index.Find(hash, parent, tokens, salt);

    /// <summary>
    /// Makes the content of a held block findable. Its KV must have been computed, and its parent be in the index. False when
    /// the hash names other content (a collision): nothing after this block can be stored then.
    /// </summary>
    public bool TryStore(int block, BlockHash hash, int parent, ReadOnlySpan<int> tokens, string salt)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(tokens.Length, BlockTokens);
        if (_states[block] != BlockState.Allocated || (parent != PrefixIndex.NoParent && !_index.Has(parent)))
        {
            throw new InvalidOperationException(
                $"Block {block} ({_states[block]}) cannot be stored after {parent}: it must be held and the parent stored.");
        }

        if (_index.Has(block) || _index.Named(hash) != None)
        {
            return false;
        }

        _index.Add(block, hash, parent, tokens, salt);
        Tags?.Set(block, hash, parent == PrefixIndex.NoParent ? BlockHasher.SaltHash(salt) : _index.HashOf(parent), tokens);
        Events.Record(new BlockEvent(_index.RootOf(block), hash, Stored: true, Parent: _index.ParentHashOf(block)));
        return true;
    }

    /// <summary>All that is in the prefix index, as gains; parents before the blocks that follow them.</summary>
    public ImmutableArray<BlockEvent> List() => _index.List();

    /// <summary>
    /// Audits states, counts, lists and index. <paramref name="tables"/> are all tables that hold blocks. One line a fault.
    /// </summary>
    public IReadOnlyList<string> CheckIntegrity(IEnumerable<BlockTable> tables) =>
        new BlockAudit(this, _index, _refs, _states, _free.AsSpan(0, _freeCount), Oldest()).Check(tables);

    private void AddFree(int block)
    {
        block = Replaced(block);
        _freeAt[block] = _freeCount;
        _free[_freeCount++] = block;
    }

    private void TakeFree(int block)
    {
        int last = _free[--_freeCount];
        _free[_freeAt[block]] = last;
        _freeAt[last] = _freeAt[block];
    }

    private List<int> Oldest()
    {
        List<int> order = [];
        for (int at = _oldest; at != None && order.Count <= Ids; at = _newer[at])
        {
            order.Add(at);
        }

        return order;
    }

    private void Forget(int block)
    {
        Events.Record(new BlockEvent(_index.RootOf(block), _index.HashOf(block), Stored: false));
        _index.Remove(block);
        Tags?.Clear(block);
    }

    private void LinkNewest(int block)
    {
        _older[block] = _newest;
        _newer[block] = None;
        if (_newest == None)
        {
            _oldest = block;
        }
        else
        {
            _newer[_newest] = block;
        }

        _newest = block;
        CachedCount++;
    }

    private void Unlink(int block)
    {
        (int older, int newer) = (_older[block], _newer[block]);
        if (older == None)
        {
            _oldest = newer;
        }
        else
        {
            _newer[older] = newer;
        }

        if (newer == None)
        {
            _newest = older;
        }
        else
        {
            _older[newer] = older;
        }

        CachedCount--;
    }
}
