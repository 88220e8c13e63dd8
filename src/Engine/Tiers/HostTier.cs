using System.Runtime.InteropServices;
using XLLM.Contracts.Ids;

namespace XLLM.Engine.Tiers;

/// <summary>Blocks in this process's memory, beside the pool. Any thread.</summary>
internal sealed unsafe class HostTier : IDisposable
{
    private readonly Lock _lock = new();
    private readonly TierIndex _index;
    private readonly int _blockBytes;
    private byte* _memory;

    /// <summary>Takes the memory. Throws <see cref="OutOfMemoryException"/>.</summary>
    public HostTier(long bytes, long blockBytes)
    {
        _blockBytes = checked((int)blockBytes);
        int slots = checked((int)Math.Min(bytes / blockBytes, int.MaxValue));
        _index = new TierIndex(slots);
        _memory = (byte*)NativeMemory.AlignedAlloc((nuint)Math.Max(1, slots * blockBytes), 4096);
    }

    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _index.Count;
            }
        }
    }

    public int Slots => _index.Slots;

    public bool Has(TierKey key)
    {
        lock (_lock)
        {
            return _index.Has(key);
        }
    }

    public bool Has(BlockHash hash)
    {
        lock (_lock)
        {
            return _index.Has(hash);
        }
    }

    public TierKey[] Keys()
    {
        lock (_lock)
        {
            return [.. _index.Keys];
        }
    }

    public void Use(TierKey key)
    {
        lock (_lock)
        {
            _index.Use(key);
        }
    }

    /// <summary>
    /// Copies a block in. When another has to go for it, that one's content is in <paramref name="spilled"/> afterwards and its
    /// name is the answer. A name that is taken by other content stays with it.
    /// </summary>
    public TierKey? Put(TierKey key, ReadOnlySpan<byte> content, Span<byte> spilled)
    {
        lock (_lock)
        {
            if (_memory == null || _index.Slots == 0 || _index.Has(key.Hash))
            {
                _index.Use(key);
                return null;
            }

            TierKey? gone = null;
            if (_index.Victim() is { } victim)
            {
                At(victim.Slot).CopyTo(spilled);
                _index.Remove(victim.Key.Hash);
                gone = victim.Key;
            }

            content.CopyTo(At(_index.Add(key)));
            return gone;
        }
    }

    /// <summary>Copies a block out; false when it is not here.</summary>
    public bool TryRead(TierKey key, Span<byte> content)
    {
        lock (_lock)
        {
            int slot = _memory == null ? -1 : _index.Find(key);
            if (slot < 0)
            {
                return false;
            }

            At(slot).CopyTo(content);
            _index.Use(key);
            return true;
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            NativeMemory.AlignedFree(_memory);
            _memory = null;
        }
    }

    private Span<byte> At(int slot) => new(_memory + ((long)slot * _blockBytes), _blockBytes);
}
