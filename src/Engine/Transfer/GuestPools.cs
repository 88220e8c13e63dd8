using System.Collections.Immutable;
using XLLM.Contracts.Ids;
using XLLM.Engine.Execution;
using XLLM.Scheduling.Blocks;

namespace XLLM.Engine.Transfer;

/// <summary>
/// Pools of other processes behind an engine's own: which ids their blocks have here, and which of the engine's own they were given.
/// A pool stays attached while blocks of it may be this engine's. Also the engine's tags: each pool's file has those of its blocks,
/// whoever owns them. Any thread.
/// </summary>
internal sealed class GuestPools(IKvMemory memory, int blocks) : IBlockTags
{
    private readonly Lock _lock = new();
    private readonly PeerPool?[] _givenTo = new PeerPool?[blocks];
    private volatile Window[] _windows = [];

    /// <summary>Blocks of the engine's own pool; the ids after them are guests'.</summary>
    public int Own => blocks;

    /// <summary>First id of the pool's blocks here; -1 = there is no room to attach it.</summary>
    public int Attach(PeerPool pool)
    {
        lock (_lock)
        {
            if (Array.Find(_windows, window => window.Pool == pool) is { } known)
            {
                return known.First;
            }

            int first = FirstFree(pool.Blocks);
            if (first >= 0)
            {
                memory.Attach(pool.File, first, pool.Blocks);
                _windows = [.. _windows.Append(new Window(pool, first)).OrderBy(window => window.First)];
            }

            return first;
        }
    }

    /// <summary>First id of the pool's blocks here; -1 = it is not attached.</summary>
    public int FirstOf(PeerPool pool) => Array.Find(_windows, window => window.Pool == pool)?.First ?? -1;

    /// <summary>Takes its addresses away. None of its blocks is this engine's, and no step reads one.</summary>
    public void Detach(PeerPool pool)
    {
        lock (_lock)
        {
            memory.Detach(FirstOf(pool), pool.Blocks);
            _windows = [.. _windows.Where(window => window.Pool != pool)];
            for (int block = 0; block < blocks; block++)
            {
                _givenTo[block] = _givenTo[block] == pool ? null : _givenTo[block];
            }
        }
    }

    /// <summary>The pool's engine has those of these blocks that are own ones.</summary>
    public void Exchanged(PeerPool pool, ReadOnlySpan<int> given)
    {
        lock (_lock)
        {
            foreach (int block in given)
            {
                if (block < blocks)
                {
                    _givenTo[block] = pool;
                }
            }
        }
    }

    /// <summary>Own blocks that were given to the pool's engine last; some may have come back since.</summary>
    public ImmutableArray<int> GivenTo(PeerPool pool)
    {
        lock (_lock)
        {
            return [.. Enumerable.Range(0, blocks).Where(block => _givenTo[block] == pool)];
        }
    }

    public void Set(int block, BlockHash hash, BlockHash parent, ReadOnlySpan<int> tokens) =>
        TagsOf(ref block).Set(block, hash, parent, tokens);

    public void Clear(int block) => TagsOf(ref block).Clear(block);

    private int FirstFree(int count)
    {
        int first = blocks;
        foreach (Window window in _windows)
        {
            if (first + count <= window.First)
            {
                return first;
            }

            first = window.End;
        }

        return count <= blocks + memory.GuestBlocks - first ? first : -1;
    }

    private TagTable TagsOf(ref int block)
    {
        if (block < blocks)
        {
            return memory.Tags!;
        }

        foreach (Window window in _windows)
        {
            if (block >= window.First && block < window.End)
            {
                block -= window.First;
                return window.Pool.Tags;
            }
        }

        throw new InvalidOperationException($"Block {block} is in no pool.");
    }

    private sealed record Window(PeerPool Pool, int First)
    {
        public int End => First + Pool.Blocks;
    }
}
