using XLLM.Contracts.Ids;
using XLLM.Engine.Execution;
using XLLM.Scheduling.Blocks;

namespace XLLM.Engine.Transfer;

/// <summary>
/// Pools of other processes behind an engine's own: which ids their blocks have here. A pool stays attached while the engine
/// lives, because its blocks may have become this engine's. Also the engine's tags: each pool's file has those of its blocks,
/// whoever owns them. Any thread.
/// </summary>
internal sealed class GuestPools(IKvMemory memory, int blocks) : IBlockTags
{
    private readonly Lock _lock = new();
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

            int first = _windows.Length == 0 ? blocks : _windows[^1].End;
            if (pool.Blocks > blocks + memory.GuestBlocks - first)
            {
                return -1;
            }

            memory.Attach(pool.File, first, pool.Blocks);
            _windows = [.. _windows, new Window(pool, first)];
            return first;
        }
    }

    public void Set(int block, BlockHash hash, BlockHash parent, ReadOnlySpan<int> tokens) =>
        TagsOf(ref block).Set(block, hash, parent, tokens);

    public void Clear(int block) => TagsOf(ref block).Clear(block);

    private TagTable TagsOf(ref int block)
    {
        if (block < blocks)
        {
            return memory.Tags!;
        }

        foreach (Window window in _windows)
        {
            if (block < window.End)
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
