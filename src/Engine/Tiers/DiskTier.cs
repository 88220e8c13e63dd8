using System.Buffers.Binary;
using System.Text;
using Microsoft.Extensions.Logging;
using Microsoft.Win32.SafeHandles;
using XLLM.Contracts.Ids;
using XLLM.Engine.Transfer;
using XLLM.Scheduling.Blocks;

namespace XLLM.Engine.Tiers;

/// <summary>
/// Blocks in a file of a fixed size: a page that says what it is for, then slots of a header and a block. What a file of the same
/// layout and hash key has is found again; everything else in it is forgotten. A header is only there while its block is whole,
/// and the block's checksum is compared whenever it is read: a file that was cut or changed gives less, not something else. After
/// some failures in a row the file is left alone. Writes by one thread; reads by any.
/// </summary>
internal sealed class DiskTier : IDisposable
{
    private const int PageBytes = 4096;
    private const int MaxFailures = 3;
    private const ulong Magic = 0x32_45_49_54_4D_4C_4C_58;

    private readonly Lock _lock = new();
    private readonly SafeFileHandle _file;
    private readonly TierIndex _index;
    private readonly Dictionary<BlockHash, ulong> _sums = [];
    private readonly byte[] _header;
    private readonly int _blockTokens;
    private readonly long _blockBytes;
    private readonly long _slotBytes;
    private readonly ILogger _logger;
    private readonly string _path;
    private int _failures;
    private volatile bool _isOff;

    /// <summary>
    /// Opens or makes the file and takes its room on the disk. Throws <see cref="IOException"/> or
    /// <see cref="UnauthorizedAccessException"/> when that is impossible.
    /// </summary>
    public DiskTier(string path, long bytes, KvLayout layout, ulong hashSeed, ILogger logger)
    {
        _path = path;
        _logger = logger;
        _blockTokens = layout.BlockTokens;
        _blockBytes = layout.BlockBytes;
        _header = new byte[DiskSlot.HeaderBytes(_blockTokens)];
        _slotBytes = _header.Length + ((_blockBytes + PageBytes - 1) / PageBytes * PageBytes);
        int slots = checked((int)Math.Clamp((bytes - PageBytes) / _slotBytes, 0, int.MaxValue / 2));
        long length = PageBytes + (slots * _slotBytes);
        string? folder = Path.GetDirectoryName(Path.GetFullPath(path));
        Directory.CreateDirectory(folder!);
        _file = File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read);
        try
        {
            byte[] page = Describe(layout, hashSeed, slots);
            bool isKnown = RandomAccess.GetLength(_file) == length && IsSame(page);
            if (!isKnown)
            {
                RandomAccess.SetLength(_file, 0);
                Allocate(length);
                RandomAccess.Write(_file, page, 0);
            }

            _index = new TierIndex(slots, isKnown ? Found(slots) : null);
            logger.DiskTierOpened(path, slots, _index.Count);
        }
        catch
        {
            _file.Dispose();
            throw;
        }
    }

    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _isOff ? 0 : _index.Count;
            }
        }
    }

    /// <summary>It has failed too often; it holds nothing and takes nothing.</summary>
    public bool IsOff => _isOff;

    /// <summary>Blocks that were found damaged.</summary>
    public long Damaged { get; private set; }

    public bool Has(TierKey key)
    {
        lock (_lock)
        {
            return !_isOff && _index.Has(key);
        }
    }

    public bool Has(BlockHash hash)
    {
        lock (_lock)
        {
            return !_isOff && _index.Has(hash);
        }
    }

    public TierKey[] Keys()
    {
        lock (_lock)
        {
            return _isOff ? [] : [.. _index.Keys];
        }
    }

    /// <summary>Writes a block; the answer is the one that had to go for it. One thread.</summary>
    public TierKey? Put(TierKey key, ReadOnlySpan<byte> content)
    {
        TierKey? gone = null;
        int slot;
        ulong sum = DiskSlot.SumOf(content);
        lock (_lock)
        {
            if (_isOff || _index.Slots == 0 || _index.Has(key.Hash) || !DiskSlot.TryWrite(_header, key, sum))
            {
                _index.Use(key);
                return null;
            }

            // Nobody finds the block of a slot that is written: first it leaves the index.
            if (_index.Victim() is { } victim)
            {
                gone = victim.Key;
                _index.Remove(gone.Hash);
                _sums.Remove(gone.Hash);
            }

            slot = _index.Add(key);
            _sums[key.Hash] = sum;
        }

        try
        {
            long at = PageBytes + (slot * _slotBytes);
            RandomAccess.Write(_file, content, at + _header.Length);
            RandomAccess.Write(_file, _header, at);
            _failures = 0;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ObjectDisposedException)
        {
            Forget(key, slot);
            Fail(e);
        }

        return gone;
    }

    /// <summary>Reads a block; false when it is not here, or not what was written.</summary>
    public bool TryRead(TierKey key, Span<byte> content)
    {
        int slot;
        ulong sum;
        lock (_lock)
        {
            slot = _isOff ? -1 : _index.Find(key);
            if (slot < 0)
            {
                return false;
            }

            _index.Use(key);
            sum = _sums[key.Hash];
        }

        try
        {
            int got = 0;
            long at = PageBytes + (slot * _slotBytes) + _header.Length;
            while (got < content.Length && RandomAccess.Read(_file, content[got..], at + got) is var more and > 0)
            {
                got += more;
            }

            if (got == content.Length && DiskSlot.SumOf(content) == sum)
            {
                return true;
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ObjectDisposedException)
        {
            Fail(e);
        }

        Forget(key, slot);
        return false;
    }

    public void Dispose()
    {
        _isOff = true;
        _file.Dispose();
    }

    private static byte[] Describe(KvLayout layout, ulong hashSeed, int slots)
    {
        byte[] page = new byte[PageBytes];
        BinaryPrimitives.WriteUInt64LittleEndian(page, Magic);
        BinaryPrimitives.WriteUInt64LittleEndian(page.AsSpan(8), hashSeed);
        BinaryPrimitives.WriteInt64LittleEndian(page.AsSpan(16), layout.BlockBytes);
        BinaryPrimitives.WriteInt32LittleEndian(page.AsSpan(24), layout.BlockTokens);
        BinaryPrimitives.WriteInt32LittleEndian(page.AsSpan(28), slots);
        BlockHash fingerprint = Xxh3.Hash128(Encoding.UTF8.GetBytes(layout.Fingerprint), hashSeed);
        BinaryPrimitives.WriteUInt64LittleEndian(page.AsSpan(32), fingerprint.High);
        BinaryPrimitives.WriteUInt64LittleEndian(page.AsSpan(40), fingerprint.Low);
        return page;
    }

    private bool IsSame(byte[] page)
    {
        byte[] found = new byte[PageBytes];
        return RandomAccess.Read(_file, found, 0) == PageBytes && found.AsSpan().SequenceEqual(page);
    }

    /// <summary>Zeros everywhere, so that a full disk is known now and not later.</summary>
    private void Allocate(long length)
    {
        byte[] zeros = new byte[1 << 20];
        for (long at = 0; at < length; at += zeros.Length)
        {
            RandomAccess.Write(_file, zeros.AsSpan(0, (int)Math.Min(zeros.Length, length - at)), at);
        }
    }

    private List<(TierKey Key, int Slot)> Found(int slots)
    {
        List<(TierKey, int)> found = [];
        for (int slot = 0; slot < slots; slot++)
        {
            if (RandomAccess.Read(_file, _header, PageBytes + (slot * _slotBytes)) == _header.Length
                && DiskSlot.Read(_header, _blockTokens) is { } known && _sums.TryAdd(known.Key.Hash, known.Sum))
            {
                found.Add((known.Key, slot));
            }
        }

        return found;
    }

    /// <summary>A block that is damaged; not one whose slot was given to another while it was read.</summary>
    private void Forget(TierKey key, int slot)
    {
        lock (_lock)
        {
            if (_isOff || _index.Find(key) != slot)
            {
                return;
            }

            _index.Remove(key.Hash);
            _sums.Remove(key.Hash);
            Damaged++;
        }

        _logger.DiskBlockDamaged(_path, slot);
    }

    private void Fail(Exception error)
    {
        _logger.DiskFailed(_path, error.Message);
        if (Interlocked.Increment(ref _failures) >= MaxFailures && !_isOff)
        {
            _isOff = true;
            _logger.DiskGivenUp(_path);
        }
    }
}
