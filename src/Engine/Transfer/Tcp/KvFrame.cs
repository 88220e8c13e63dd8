using System.Buffers.Binary;
using XLLM.Scheduling.Blocks;

namespace XLLM.Engine.Transfer.Tcp;

/// <summary>
/// A frame's header: 40 bytes, little endian. 0 u32 payload bytes; 4 u8 kind; 5 u8 found (0, 1); 6 u16 layers; 8 u64 transfer; 16 u32
/// block; 20 u16 first layer; 22 u16 zero; 24 u64 XXH3 of the payload; 32 u64 XXH3 of the 32 bytes before. A data frame's payload has
/// its XXH3 behind it instead, and 0 in the header. All hashes are keyed by the connection.
/// </summary>
/// <param name="Length">Bytes of payload after the header.</param>
/// <param name="Block">Data and Again: place in the chain. Offer, Grant, Done, Over: see their kind.</param>
/// <param name="IsFound">Data: the sender's prefix cache had the block, and all before it.</param>
internal readonly record struct KvFrame(
    KvFrameKind Kind, ulong Transfer, int Length = 0, int Block = 0, int FirstLayer = 0, int Layers = 0, ulong Sum = 0,
    bool IsFound = false)
{
    public const int HeaderBytes = 40;

    private const int CheckedBytes = 32;

    /// <summary>Hash of a payload.</summary>
    public static ulong SumOf(ReadOnlySpan<byte> payload, ulong key)
    {
        KvSum sum = new(key);
        sum.Add(payload, isAll: true);
        return sum.Value;
    }

    public void Write(Span<byte> header, ulong key)
    {
        BinaryPrimitives.WriteInt32LittleEndian(header, Length);
        header[4] = (byte)Kind;
        header[5] = IsFound ? (byte)1 : (byte)0;
        BinaryPrimitives.WriteUInt16LittleEndian(header[6..], checked((ushort)Layers));
        BinaryPrimitives.WriteUInt64LittleEndian(header[8..], Transfer);
        BinaryPrimitives.WriteInt32LittleEndian(header[16..], Block);
        BinaryPrimitives.WriteUInt16LittleEndian(header[20..], checked((ushort)FirstLayer));
        BinaryPrimitives.WriteUInt16LittleEndian(header[22..], 0);
        BinaryPrimitives.WriteUInt64LittleEndian(header[24..], Sum);
        BinaryPrimitives.WriteUInt64LittleEndian(header[32..], Xxh3.Hash128(header[..CheckedBytes], key).Low);
    }

    /// <summary>
    /// Reads a header. Throws <see cref="KvTransferException"/> unless it checks and its lengths are inside the limits, so that a
    /// caller may make room for what it says.
    /// </summary>
    public static KvFrame Read(ReadOnlySpan<byte> header, ulong key, in KvFrameLimits limits)
    {
        if (BinaryPrimitives.ReadUInt64LittleEndian(header[32..]) != Xxh3.Hash128(header[..CheckedBytes], key).Low)
        {
            throw new KvTransferException(KvFault.Garbage, "A frame's header does not match its checksum.");
        }

        KvFrame frame = new(
            (KvFrameKind)header[4],
            BinaryPrimitives.ReadUInt64LittleEndian(header[8..]),
            BinaryPrimitives.ReadInt32LittleEndian(header),
            BinaryPrimitives.ReadInt32LittleEndian(header[16..]),
            BinaryPrimitives.ReadUInt16LittleEndian(header[20..]),
            BinaryPrimitives.ReadUInt16LittleEndian(header[6..]),
            BinaryPrimitives.ReadUInt64LittleEndian(header[24..]),
            header[5] != 0);
        bool isOpening = frame.Kind is >= KvFrameKind.Hello and <= KvFrameKind.Welcome or KvFrameKind.Failed;
        bool isWorking = frame.Kind is >= KvFrameKind.Push and <= KvFrameKind.Failed;
        if (!(limits.IsOpening ? isOpening : isWorking) || header[22] != 0 || header[23] != 0
            || header[5] > (frame.Kind == KvFrameKind.Data ? 1 : 0))
        {
            throw new KvTransferException(KvFault.Garbage, $"A frame of kind {header[4]} is not expected here.");
        }

        int most = frame.Kind == KvFrameKind.Data ? limits.DataBytes : limits.ControlBytes;
        if (frame.Length < 0 || frame.Length > most || frame.Block < 0)
        {
            throw new KvTransferException(
                KvFault.Garbage, $"A {frame.Kind} frame has {frame.Length} bytes for block {frame.Block}; 0..{most} are possible.");
        }

        return frame;
    }
}
