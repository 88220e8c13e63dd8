using System.Runtime.InteropServices;
using System.Text;
using XLLM.Contracts.Ids;
using XLLM.Scheduling.Blocks;

namespace XLLM.Engine.Transfer;

/// <summary>
/// What is in which block of a pool, in memory that other processes can read, also when the one that wrote it is dead: a header
/// that says whose pool it is, then a record for each block. A record has a version, odd while it is being written; a reader takes
/// the version before and after it has copied the block, and the copy is good when they are equal and the tag is the one it wanted.
/// The block's content changes only after its tag was cleared. All numbers in the machine's own order.
/// </summary>
public sealed unsafe class TagTable : IBlockTags
{
    private const ulong Magic = 0x3130_5641_5447_4C58;
    private const int HeaderBytes = 512;
    private const int NameBytes = 128;

    private readonly byte* _memory;
    private readonly long _recordBytes;
    private readonly int _blockTokens;

    /// <summary>A table in memory that is <see cref="BytesFor"/> long and stays while it is used.</summary>
    public TagTable(nint memory, int blocks, int blockTokens)
    {
        _memory = (byte*)memory;
        _recordBytes = RecordBytes(blockTokens);
        _blockTokens = blockTokens;
        Blocks = blocks;
    }

    /// <summary>Blocks with a record.</summary>
    public int Blocks { get; }

    /// <summary>Address after the table.</summary>
    internal nint End => (nint)_memory + (nint)BytesFor(Blocks, _blockTokens);

    /// <summary>Bytes of a table, a multiple of 8.</summary>
    public static long BytesFor(int blocks, int blockTokens) => checked(HeaderBytes + (blocks * RecordBytes(blockTokens)));

    /// <summary>Says whose pool it is; from here on readers take it for one. Once, before the first tag.</summary>
    public void Open(InstanceId instance, long epoch, KvLayout layout)
    {
        Header* header = (Header*)_memory;
        header->Epoch = epoch;
        header->Blocks = Blocks;
        header->BlockTokens = layout.BlockTokens;
        header->Layers = layout.Layers;
        header->BlockBytes = layout.BlockBytes;
        header->LayerBytes = layout.LayerBytes;
        Write(header->Instance, instance.Value);
        Write(header->Fingerprint, layout.Fingerprint);
        Volatile.Write(ref header->Magic, Magic);
    }

    /// <summary>Whether the memory begins with a header of that instance, epoch and layout, for as many blocks.</summary>
    public bool IsOf(InstanceId instance, long epoch, KvLayout layout)
    {
        Header* header = (Header*)_memory;
        return Volatile.Read(ref header->Magic) == Magic && header->Epoch == epoch && header->Blocks == Blocks
            && header->BlockTokens == layout.BlockTokens && header->Layers == layout.Layers
            && header->BlockBytes == layout.BlockBytes && header->LayerBytes == layout.LayerBytes
            && Read(header->Instance) == instance.Value && Read(header->Fingerprint) == layout.Fingerprint;
    }

    public void Set(int block, BlockHash hash, BlockHash parent, ReadOnlySpan<int> tokens)
    {
        Record* record = At(block);
        long version = record->Version;
        Volatile.Write(ref record->Version, version + 1);
        Interlocked.MemoryBarrier();
        (record->High, record->Low, record->ParentHigh, record->ParentLow) = (hash.High, hash.Low, parent.High, parent.Low);
        tokens.CopyTo(new Span<int>(record + 1, _blockTokens));
        record->IsSet = 1;
        Volatile.Write(ref record->Version, version + 2);
    }

    public void Clear(int block)
    {
        Record* record = At(block);
        record->IsSet = 0;
        Volatile.Write(ref record->Version, record->Version + 2);

        // Whoever changes the content does so after this.
        Interlocked.MemoryBarrier();
    }

    /// <summary>Name of the block's content and the version that it has now; false when it has none.</summary>
    public bool TryRead(int block, out BlockHash hash, out long version)
    {
        Record* record = At(block);
        version = Volatile.Read(ref record->Version);
        hash = new BlockHash(record->High, record->Low);
        bool isSet = record->IsSet == 1 && (version & 1) == 0;
        Interlocked.MemoryBarrier();
        return isSet && record->Version == version;
    }

    /// <summary>Whether the block has had exactly this content from the time of that version until now.</summary>
    public bool Still(int block, long version, BlockHash hash, BlockHash parent, ReadOnlySpan<int> tokens)
    {
        Record* record = At(block);
        bool isEqual = record->IsSet == 1 && record->High == hash.High && record->Low == hash.Low
            && record->ParentHigh == parent.High && record->ParentLow == parent.Low
            && new ReadOnlySpan<int>(record + 1, _blockTokens).SequenceEqual(tokens);
        Interlocked.MemoryBarrier();
        return isEqual && Volatile.Read(ref record->Version) == version;
    }

    private static long RecordBytes(int blockTokens) => sizeof(Record) + ((sizeof(int) * (long)blockTokens) + 7) / 8 * 8;

    private static void Write(byte* to, string text)
    {
        Span<byte> bytes = new(to, NameBytes);
        bytes.Clear();
        if (Encoding.UTF8.GetByteCount(text) < NameBytes)
        {
            Encoding.UTF8.GetBytes(text, bytes);
        }
    }

    private static string Read(byte* from)
    {
        ReadOnlySpan<byte> bytes = new(from, NameBytes);
        int end = bytes.IndexOf((byte)0);
        return Encoding.UTF8.GetString(bytes[..(end < 0 ? NameBytes : end)]);
    }

    private Record* At(int block)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)block, (uint)Blocks);
        return (Record*)(_memory + HeaderBytes + (block * _recordBytes));
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct Header
    {
        public ulong Magic;
        public long Epoch;
        public int Blocks;
        public int BlockTokens;
        public int Layers;
        public int Reserved;
        public long BlockBytes;
        public long LayerBytes;
        public fixed byte Instance[NameBytes];
        public fixed byte Fingerprint[NameBytes];
    }

    // The tokens follow.
    [StructLayout(LayoutKind.Sequential)]
    private struct Record
    {
        public long Version;
        public ulong High;
        public ulong Low;
        public ulong ParentHigh;
        public ulong ParentLow;
        public long IsSet;
    }
}
