namespace XLLM.Scheduling.Blocks;

/// <summary>Compares everything a pool says of itself with what the holders say. Slow; for idle moments and tests.</summary>
internal sealed class BlockAudit
{
    private readonly BlockPool _pool;
    private readonly PrefixIndex _index;
    private readonly int[] _refs;
    private readonly BlockState[] _states;
    private readonly int[] _free;
    private readonly List<int> _oldestFirst;
    private readonly List<string> _faults = [];

    public BlockAudit(
        BlockPool pool, PrefixIndex index, int[] refs, BlockState[] states, ReadOnlySpan<int> free, List<int> oldestFirst)
    {
        _pool = pool;
        _index = index;
        _refs = refs;
        _states = states;
        _free = free.ToArray();
        _oldestFirst = oldestFirst;
    }

    public IReadOnlyList<string> Check(IEnumerable<BlockTable> tables)
    {
        CheckHolders(tables);
        CheckLists();
        CheckIndex();
        return _faults;
    }

    private void CheckHolders(IEnumerable<BlockTable> tables)
    {
        int[] held = new int[_pool.Ids];
        foreach (BlockTable table in tables)
        {
            foreach (int block in table.Blocks.Span)
            {
                if ((uint)block >= (uint)held.Length)
                {
                    _faults.Add($"a table holds block {block}; the pool has [0, {held.Length})");
                    continue;
                }

                held[block]++;
            }
        }

        for (int block = 0; block < held.Length; block++)
        {
            if (held[block] != _refs[block])
            {
                _faults.Add($"block {block}: reference count {_refs[block]}, holders {held[block]}");
            }

            if (_states[block] == BlockState.Allocated != _refs[block] > 0)
            {
                _faults.Add($"block {block}: state {_states[block]} with reference count {_refs[block]}");
            }
        }
    }

    private void CheckLists()
    {
        int owned = _states.Count(state => state != BlockState.Foreign);
        if (owned != _pool.Blocks)
        {
            _faults.Add($"{owned} blocks are owned, it should be {_pool.Blocks}");
        }

        int[] seen = new int[_pool.Ids];
        foreach (int block in _free)
        {
            seen[block]++;
            if (_states[block] != BlockState.Free || _index.Has(block))
            {
                _faults.Add($"block {block}: on the free list, but {_states[block]}, indexed {_index.Has(block)}");
            }
        }

        HashSet<int> evicted = [];
        foreach (int block in _oldestFirst)
        {
            seen[block]++;
            evicted.Add(block);
            if (_states[block] != BlockState.Cached || !_index.Has(block))
            {
                _faults.Add($"block {block}: on the eviction list, but {_states[block]}, indexed {_index.Has(block)}");
            }
            else if (evicted.Contains(_index.ParentOf(block)))
            {
                _faults.Add($"block {block}: would be evicted after its parent {_index.ParentOf(block)}");
            }
        }

        if (_oldestFirst.Count != _pool.CachedCount)
        {
            _faults.Add($"eviction list has {_oldestFirst.Count} blocks, count says {_pool.CachedCount}");
        }

        for (int block = 0; block < seen.Length; block++)
        {
            int expected = _states[block] is BlockState.Allocated or BlockState.Foreign ? 0 : 1;
            if (seen[block] != expected)
            {
                _faults.Add($"block {block}: {_states[block]} and {seen[block]} times on a list, expected {expected}");
            }
        }
    }

    private void CheckIndex()
    {
        int[] children = new int[_pool.Ids];
        int indexed = 0;
        for (int block = 0; block < _pool.Ids; block++)
        {
            if (!_index.Has(block))
            {
                continue;
            }

            indexed++;
            if (_states[block] == BlockState.Foreign)
            {
                _faults.Add($"block {block}: another pool's, but indexed");
            }

            int parent = _index.ParentOf(block);
            if (_index.Named(_index.HashOf(block)) != block)
            {
                _faults.Add($"block {block}: its hash {_index.HashOf(block)} names {_index.Named(_index.HashOf(block))}");
            }

            if (parent == PrefixIndex.NoParent)
            {
                continue;
            }

            children[parent]++;
            if (!_index.Has(parent))
            {
                _faults.Add($"block {block}: its parent {parent} is not in the index");
            }
            else if (_refs[parent] == 0 && _refs[block] > 0)
            {
                _faults.Add($"block {block}: held {_refs[block]} times, its parent {parent} by nobody");
            }
        }

        if (indexed != _index.Count)
        {
            _faults.Add($"{indexed} blocks are indexed, {_index.Count} hashes");
        }

        for (int block = 0; block < children.Length; block++)
        {
            if (_index.Has(block) && children[block] != _index.ChildrenOf(block))
            {
                _faults.Add($"block {block}: {children[block]} children, count says {_index.ChildrenOf(block)}");
            }
        }
    }
}
