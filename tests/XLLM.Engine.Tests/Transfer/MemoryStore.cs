using System.Runtime.InteropServices;
using XLLM.Contracts.Ids;
using XLLM.Engine.Loop;
using XLLM.Engine.Transfer;
using XLLM.Scheduling.Blocks;

namespace XLLM.Engine.Tests.Transfer;

/// <summary>A pool in plain memory with the engine's own prefix cache, without an engine.</summary>
internal sealed unsafe class MemoryStore : IKvBlockStore, IDisposable
{
    public static readonly KvLayout Small = new("test", 16, 4 * 4096, 4, 4096);

    private readonly Lock _lock = new();
    private readonly BlockPool _pool;
    private readonly HeldBlocks _held;
    private readonly byte* _memory;

    public MemoryStore(int blocks, KvLayout? layout = null)
    {
        Layout = layout ?? Small;
        _pool = new BlockPool(blocks, Layout.BlockTokens);
        _held = new HeldBlocks(_pool, 0);
        _memory = (byte*)NativeMemory.AllocZeroed((nuint)(blocks * Layout.BlockBytes));
    }

    public KvLayout Layout { get; }

    public int Available
    {
        get
        {
            lock (_lock)
            {
                return _pool.Available;
            }
        }
    }

    public static KvChain Chain(int seed, int blocks, string salt = "", int blockTokens = 16)
    {
        Random random = new(seed);
        int[] tokens = [.. Enumerable.Range(0, blocks * blockTokens).Select(_ => random.Next(1000))];
        return new KvChain(new BlockHasher(blockTokens).HashPrompt(tokens, salt), [.. tokens], salt);
    }

    /// <summary>What the blocks of a chain hold in these tests: bytes drawn from the block's hash.</summary>
    public static byte[] Content(BlockHash hash, KvLayout layout)
    {
        byte[] bytes = new byte[layout.BlockBytes];
        new Random((int)hash.Low).NextBytes(bytes);
        return bytes;
    }

    public Span<byte> Bytes(int block) => new(_memory + (block * Layout.BlockBytes), (int)Layout.BlockBytes);

    /// <summary>Computes the chain's leading blocks and holds them.</summary>
    public KvHold Compute(KvChain chain, int? count = null)
    {
        lock (_lock)
        {
            int blocks = count ?? chain.Hashes.Length;
            int known = _held.Hold(chain) is { } before ? Released(before) : 0;
            KvHold made = _held.Allocate(blocks - known);
            Assert.Equal(blocks - known, made.Blocks.Length);
            for (int i = 0; i < made.Blocks.Length; i++)
            {
                Content(chain.Hashes[known + i], Layout).CopyTo(Bytes(made.Blocks[i]));
            }

            return _held.Store(made, chain with { Hashes = chain.Hashes[..blocks] }, known);
        }
    }

    /// <summary>Fails unless the cache has so many leading blocks of the chain, with their content.</summary>
    public void AssertHas(KvChain chain, int blocks)
    {
        lock (_lock)
        {
            KvHold held = _held.Hold(chain);
            Assert.Equal(blocks, held.Blocks.Length);
            for (int i = 0; i < blocks; i++)
            {
                Assert.True(Bytes(held.Blocks[i]).SequenceEqual(Content(chain.Hashes[i], Layout)), $"block {i} differs");
            }

            _held.Release(held);
        }
    }

    public void AssertSound()
    {
        lock (_lock)
        {
            Assert.Empty(_pool.CheckIntegrity(_held.Tables));
            Assert.Empty(_held.CheckIntegrity());
            Assert.True(_held.IsEmpty, $"{_held.Count} blocks are still held");
        }
    }

    public ValueTask<KvHold> HoldAsync(KvChain chain, CancellationToken cancellationToken = default) =>
        Answer(() => _held.Hold(chain), cancellationToken);

    public ValueTask<KvHold> AllocateAsync(int count, CancellationToken cancellationToken = default) =>
        Answer(() => _held.Allocate(count), cancellationToken);

    public ValueTask<KvHold> StoreAsync(
        KvHold filled, KvChain chain, int first, CancellationToken cancellationToken = default) =>
        Answer(() => _held.Store(filled, chain, first), cancellationToken);

    public void Release(KvHold hold)
    {
        lock (_lock)
        {
            _held.Release(hold);
        }
    }

    public nint AddressOf(int block) => (nint)(_memory + (block * Layout.BlockBytes));

    public void Dispose() => NativeMemory.Free(_memory);

    private int Released(KvHold hold)
    {
        _held.Release(hold);
        return hold.Blocks.Length;
    }

    private ValueTask<KvHold> Answer(Func<KvHold> ask, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (_lock)
        {
            return ValueTask.FromResult(ask());
        }
    }
}
