using System.Collections.Immutable;
using XLLM.Contracts.Ids;
using XLLM.Contracts.Ports;

namespace XLLM.Scheduling.Blocks;

/// <summary>
/// Finds KV blocks by chained hash. A hit is believed only after comparing the parent block, the salt and the tokens, so a
/// hash collision cannot serve the KV of another prompt: by induction the whole prefix is equal. One thread; owned by the pool.
/// </summary>
internal sealed class PrefixIndex(int blocks, int blockTokens)
{
    /// <summary>Parent of a chain's first block.</summary>
    public const int NoParent = -1;

    private readonly Dictionary<BlockHash, int> _byHash = new(blocks);
    private readonly BlockHash[] _hash = new BlockHash[blocks];
    private readonly BlockHash[] _root = new BlockHash[blocks];
    private readonly string?[] _salt = new string?[blocks];
    private readonly int[] _parent = new int[blocks];
    private readonly int[] _children = new int[blocks];
    private readonly int[] _tokens = new int[checked(blocks * blockTokens)];

    public int Count => _byHash.Count;

    /// <summary>Whether the block is in the index.</summary>
    public bool Has(int block) => _salt[block] is not null;

    public BlockHash HashOf(int block) => _hash[block];

    public BlockHash RootOf(int block) => _root[block];

    /// <summary>Hash of the block before it; default = it is a first one.</summary>
    public BlockHash ParentHashOf(int block) => _parent[block] == NoParent ? default : _hash[_parent[block]];

    public int ParentOf(int block) => _parent[block];

    public int ChildrenOf(int block) => _children[block];

    public ReadOnlySpan<int> TokensOf(int block) => _tokens.AsSpan(block * blockTokens, blockTokens);

    /// <summary>The block of that name, whatever its content; -1 when there is none.</summary>
    public int Named(BlockHash hash) => _byHash.TryGetValue(hash, out int block) ? block : -1;

    /// <summary>The block with this hash and content after this parent, or -1.</summary>
    public int Find(BlockHash hash, int parent, ReadOnlySpan<int> tokens, string salt) =>
        _byHash.TryGetValue(hash, out int block)
        && _parent[block] == parent
        && (parent != NoParent || _salt[block] == salt)
        && TokensOf(block).SequenceEqual(tokens)
            ? block
            : -1;

    /// <summary>Adds a block that is not in the index under a hash that is not either; the parent is in it.</summary>
    public void Add(int block, BlockHash hash, int parent, ReadOnlySpan<int> tokens, string salt)
    {
        _byHash.Add(hash, block);
        _hash[block] = hash;
        _parent[block] = parent;
        _salt[block] = salt;
        _children[block] = 0;
        _root[block] = parent == NoParent ? hash : _root[parent];
        tokens.CopyTo(_tokens.AsSpan(block * blockTokens, blockTokens));
        if (parent != NoParent)
        {
            _children[parent]++;
        }
    }

    /// <summary>Every block as a gain; parents before the blocks that follow them.</summary>
    public ImmutableArray<BlockEvent> List()
    {
        ImmutableArray<BlockEvent>.Builder events = ImmutableArray.CreateBuilder<BlockEvent>(Count);
        bool[] listed = new bool[blocks];
        Stack<int> path = [];
        for (int i = 0; i < blocks; i++)
        {
            for (int block = i; block != NoParent && Has(block) && !listed[block]; block = _parent[block])
            {
                path.Push(block);
            }

            while (path.TryPop(out int next))
            {
                listed[next] = true;
                events.Add(new BlockEvent(_root[next], _hash[next], Stored: true, Parent: ParentHashOf(next)));
            }
        }

        return events.MoveToImmutable();
    }

    public void Remove(int block)
    {
        _byHash.Remove(_hash[block]);
        _salt[block] = null;
        if (_parent[block] != NoParent)
        {
            _children[_parent[block]]--;
        }
    }
}
