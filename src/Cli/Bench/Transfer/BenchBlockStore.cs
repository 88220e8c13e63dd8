using System.Runtime.InteropServices;
using XLLM.Contracts.Ids;
using XLLM.Engine.Transfer;

namespace XLLM.Cli.Bench.Transfer;

/// <summary>Blocks in plain memory that answer at once, so that only the way between two stores is measured.</summary>
internal sealed class BenchBlockStore : IKvBlockStore
{
    private readonly Lock _lock = new();
    private readonly Dictionary<BlockHash, int> _stored = [];
    private readonly Stack<int> _free;
    private readonly byte[][] _memory;

    /// <summary>Takes and touches the memory.</summary>
    public BenchBlockStore(int blocks, KvLayout layout)
    {
        Layout = layout;
        Blocks = blocks;
        _free = new Stack<int>(Enumerable.Range(0, blocks).Reverse());
        int bytes = checked((int)layout.BlockBytes);
        _memory = [.. Enumerable.Range(0, blocks).Select(_ => GC.AllocateUninitializedArray<byte>(bytes, pinned: true))];
        for (int i = 0; i < blocks; i++)
        {
            new Random(i).NextBytes(_memory[i]);
        }
    }

    public KvLayout Layout { get; }

    public int Blocks { get; }

    public Span<byte> Bytes(int block) => _memory[block];

    /// <summary>Makes the chain's blocks known, as if they had been computed; their ids.</summary>
    public KvHold Compute(KvChain chain)
    {
        lock (_lock)
        {
            return new KvHold([.. chain.Hashes.Select(Take)]);
        }
    }

    /// <summary>Forgets all blocks.</summary>
    public void Clear()
    {
        lock (_lock)
        {
            foreach (int block in _stored.Values)
            {
                _free.Push(block);
            }

            _stored.Clear();
        }
    }

    public ValueTask<KvHold> HoldAsync(KvChain chain, CancellationToken cancellationToken = default)
    {
        lock (_lock)
        {
            return ValueTask.FromResult(new KvHold(
                [.. chain.Hashes.TakeWhile(_stored.ContainsKey).Select(hash => _stored[hash])]));
        }
    }

    public ValueTask<KvHold> AllocateAsync(int count, CancellationToken cancellationToken = default)
    {
        lock (_lock)
        {
            count = Math.Min(count, _free.Count);
            return ValueTask.FromResult(new KvHold([.. Enumerable.Range(0, count).Select(_ => _free.Pop())]));
        }
    }

    public ValueTask<KvHold> StoreAsync(
        KvHold filled, KvChain chain, int first, CancellationToken cancellationToken = default)
    {
        lock (_lock)
        {
            for (int i = 0; i < filled.Blocks.Length && first + i < chain.Hashes.Length; i++)
            {
                _stored[chain.Hashes[first + i]] = filled.Blocks[i];
            }
        }

        return HoldAsync(chain, cancellationToken);
    }

    public void Release(KvHold hold)
    {
    }

    public nint AddressOf(int block) => Marshal.UnsafeAddrOfPinnedArrayElement(_memory[block], 0);

    private int Take(BlockHash hash)
    {
        int block = _free.Pop();
        _stored.Add(hash, block);
        return block;
    }
}
