using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Runtime.InteropServices;
using System.Text;
using XLLM.Contracts.Ids;

namespace XLLM.Engine.Transfer.Tcp;

/// <summary>
/// Reads a payload of a peer that is not trusted: everything it takes is there before room is made for it. Throws
/// <see cref="KvTransferException"/> (Garbage) otherwise.
/// </summary>
internal ref struct KvReader(ReadOnlySpan<byte> bytes)
{
    private static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);

    private ReadOnlySpan<byte> _rest = bytes;

    public int Int32() => BinaryPrimitives.ReadInt32LittleEndian(Bytes(4));

    public long Int64() => BinaryPrimitives.ReadInt64LittleEndian(Bytes(8));

    public BlockHash Hash() => new((ulong)Int64(), (ulong)Int64());

    public ReadOnlySpan<byte> Bytes(int count)
    {
        if (count < 0 || count > _rest.Length)
        {
            throw Garbage($"{count} bytes are announced where {_rest.Length} are left");
        }

        ReadOnlySpan<byte> taken = _rest[..count];
        _rest = _rest[count..];
        return taken;
    }

    /// <summary>A count in [least, most].</summary>
    public int Count(int least, int most)
    {
        int count = Int32();
        return count >= least && count <= most ? count : throw Garbage($"a count is {count}, not in {least}..{most}");
    }

    /// <summary>A text of at most so many bytes.</summary>
    public string Text(int mostBytes)
    {
        int length = BinaryPrimitives.ReadUInt16LittleEndian(Bytes(2));
        if (length > mostBytes)
        {
            throw Garbage($"a text has {length} bytes, more than {mostBytes}");
        }

        try
        {
            return Strict.GetString(Bytes(length));
        }
        catch (DecoderFallbackException)
        {
            throw Garbage("a text is not UTF-8");
        }
    }

    public ImmutableArray<int> Int32s(int count)
    {
        ReadOnlySpan<byte> bytes = Bytes(Checked(count, 4));
        int[] values = new int[count];
        for (int i = 0; i < count; i++)
        {
            values[i] = BinaryPrimitives.ReadInt32LittleEndian(bytes[(i * 4)..]);
        }

        return ImmutableCollectionsMarshal.AsImmutableArray(values);
    }

    public ImmutableArray<BlockHash> Hashes(int count)
    {
        KvReader words = new(Bytes(Checked(count, 16)));
        BlockHash[] values = new BlockHash[count];
        for (int i = 0; i < count; i++)
        {
            values[i] = words.Hash();
        }

        return ImmutableCollectionsMarshal.AsImmutableArray(values);
    }

    /// <summary>Nothing may be left.</summary>
    public readonly void End()
    {
        if (_rest.Length > 0)
        {
            throw Garbage($"{_rest.Length} bytes too many");
        }
    }

    private static int Checked(int count, int size) =>
        count >= 0 && (long)count * size <= int.MaxValue ? count * size : throw Garbage($"a count is {count}");

    private static KvTransferException Garbage(string what) => new(KvFault.Garbage, $"A frame's payload is malformed: {what}.");
}
