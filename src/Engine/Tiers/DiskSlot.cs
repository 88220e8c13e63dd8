using System.Buffers.Binary;
using System.Text;
using XLLM.Contracts.Ids;
using XLLM.Scheduling.Blocks;

namespace XLLM.Engine.Tiers;

/// <summary>
/// What stands before a block in the tier's file, little endian: 0 u64 XXH3 of the rest of the header up to its end; 8 u64 XXH3
/// of the content; 16 three hashes (block, root, parent) of 16 bytes; 64 i32 tokens; 68 i32 bytes of salt; then the tokens
/// (i32 each) and the salt (UTF-8).
/// </summary>
internal static class DiskSlot
{
    public const int FixedBytes = 72;

    /// <summary>Longest salt that is kept.</summary>
    public const int MostSalt = 256;

    public static ulong SumOf(ReadOnlySpan<byte> content) => Xxh3.Hash128(content, 0).Low;

    /// <summary>Header bytes for blocks of so many tokens, a multiple of 4096.</summary>
    public static int HeaderBytes(int blockTokens) => (FixedBytes + (4 * blockTokens) + MostSalt + 4095) / 4096 * 4096;

    /// <summary>False when the salt is too long to be kept.</summary>
    public static bool TryWrite(Span<byte> header, TierKey key, ulong sum)
    {
        int salt = Encoding.UTF8.GetByteCount(key.Salt);
        if (salt > MostSalt)
        {
            return false;
        }

        header.Clear();
        BinaryPrimitives.WriteUInt64LittleEndian(header[8..], sum);
        WriteHash(header[16..], key.Hash);
        WriteHash(header[32..], key.Root);
        WriteHash(header[48..], key.Parent);
        BinaryPrimitives.WriteInt32LittleEndian(header[64..], key.Tokens.Length);
        BinaryPrimitives.WriteInt32LittleEndian(header[68..], salt);
        int at = FixedBytes;
        foreach (int token in key.Tokens)
        {
            BinaryPrimitives.WriteInt32LittleEndian(header[at..], token);
            at += 4;
        }

        Encoding.UTF8.GetBytes(key.Salt, header[at..]);
        BinaryPrimitives.WriteUInt64LittleEndian(header, Xxh3.Hash128(header[8..], 0).Low);
        return true;
    }

    /// <summary>The block a header names, or null when it names none that can be.</summary>
    public static (TierKey Key, ulong Sum)? Read(ReadOnlySpan<byte> header, int blockTokens)
    {
        int salt = BinaryPrimitives.ReadInt32LittleEndian(header[68..]);
        if (BinaryPrimitives.ReadUInt64LittleEndian(header) != Xxh3.Hash128(header[8..], 0).Low
            || BinaryPrimitives.ReadInt32LittleEndian(header[64..]) != blockTokens || salt is < 0 or > MostSalt)
        {
            return null;
        }

        int[] tokens = new int[blockTokens];
        for (int i = 0; i < tokens.Length; i++)
        {
            tokens[i] = BinaryPrimitives.ReadInt32LittleEndian(header[(FixedBytes + (4 * i))..]);
        }

        TierKey key = new(
            ReadHash(header[16..]),
            ReadHash(header[32..]),
            ReadHash(header[48..]),
            [.. tokens],
            Encoding.UTF8.GetString(header.Slice(FixedBytes + (4 * blockTokens), salt)));
        return (key, BinaryPrimitives.ReadUInt64LittleEndian(header[8..]));
    }

    private static void WriteHash(Span<byte> to, BlockHash hash)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(to, hash.High);
        BinaryPrimitives.WriteUInt64LittleEndian(to[8..], hash.Low);
    }

    private static BlockHash ReadHash(ReadOnlySpan<byte> from) =>
        new(BinaryPrimitives.ReadUInt64LittleEndian(from), BinaryPrimitives.ReadUInt64LittleEndian(from[8..]));
}
