using System.Buffers.Binary;
using System.Numerics;
using XLLM.Contracts.Ids;

namespace XLLM.Scheduling.Blocks;

/// <summary>
/// XXH3 with 128 bits of output and a 64-bit seed, as its published specification (xxHash doc/xxhash_spec.md, XXH3) describes
/// it, with the default secret. Not cryptographic: whoever must not be fooled compares the data as well. Any thread.
/// </summary>
public static class Xxh3
{
    private const ulong P32x1 = 0x9E3779B1;
    private const ulong P32x2 = 0x85EBCA77;
    private const ulong P32x3 = 0xC2B2AE3D;
    private const ulong P64x1 = 0x9E3779B185EBCA87;
    private const ulong P64x2 = 0xC2B2AE3D27D4EB4F;
    private const ulong P64x3 = 0x165667B19E3779F9;
    private const ulong P64x4 = 0x85EBCA77C2B2AE63;
    private const ulong P64x5 = 0x27D4EB2F165667C5;
    private const ulong Mix1 = 0x165667919E3779F9;
    private const ulong Mix2 = 0x9FB21C651E98DF25;
    private const int SecretBytes = 192;
    private const int StripeBytes = Xxh3Stripes.Bytes;
    private const int StripesPerBlock = (SecretBytes - StripeBytes) / 8;

    private static ReadOnlySpan<byte> DefaultSecret =>
    [
        0xb8, 0xfe, 0x6c, 0x39, 0x23, 0xa4, 0x4b, 0xbe, 0x7c, 0x01, 0x81, 0x2c, 0xf7, 0x21, 0xad, 0x1c,
        0xde, 0xd4, 0x6d, 0xe9, 0x83, 0x90, 0x97, 0xdb, 0x72, 0x40, 0xa4, 0xa4, 0xb7, 0xb3, 0x67, 0x1f,
        0xcb, 0x79, 0xe6, 0x4e, 0xcc, 0xc0, 0xe5, 0x78, 0x82, 0x5a, 0xd0, 0x7d, 0xcc, 0xff, 0x72, 0x21,
        0xb8, 0x08, 0x46, 0x74, 0xf7, 0x43, 0x24, 0x8e, 0xe0, 0x35, 0x90, 0xe6, 0x81, 0x3a, 0x26, 0x4c,
        0x3c, 0x28, 0x52, 0xbb, 0x91, 0xc3, 0x00, 0xcb, 0x88, 0xd0, 0x65, 0x8b, 0x1b, 0x53, 0x2e, 0xa3,
        0x71, 0x64, 0x48, 0x97, 0xa2, 0x0d, 0xf9, 0x4e, 0x38, 0x19, 0xef, 0x46, 0xa9, 0xde, 0xac, 0xd8,
        0xa8, 0xfa, 0x76, 0x3f, 0xe3, 0x9c, 0x34, 0x3f, 0xf9, 0xdc, 0xbb, 0xc7, 0xc7, 0x0b, 0x4f, 0x1d,
        0x8a, 0x51, 0xe0, 0x4b, 0xcd, 0xb4, 0x59, 0x31, 0xc8, 0x9f, 0x7e, 0xc9, 0xd9, 0x78, 0x73, 0x64,
        0xea, 0xc5, 0xac, 0x83, 0x34, 0xd3, 0xeb, 0xc3, 0xc5, 0x81, 0xa0, 0xff, 0xfa, 0x13, 0x63, 0xeb,
        0x17, 0x0d, 0xdd, 0x51, 0xb7, 0xf0, 0xda, 0x49, 0xd3, 0x16, 0x55, 0x26, 0x29, 0xd4, 0x68, 0x9e,
        0x2b, 0x16, 0xbe, 0x58, 0x7d, 0x47, 0xa1, 0xfc, 0x8f, 0xf8, 0xb8, 0xd1, 0x7a, 0xd0, 0x31, 0xce,
        0x45, 0xcb, 0x3a, 0x8f, 0x95, 0x16, 0x04, 0x28, 0xaf, 0xd7, 0xfb, 0xca, 0xbb, 0x4b, 0x40, 0x7e,
    ];

    /// <summary>Hash of the bytes. <c>High</c> and <c>Low</c> are the specification's high64 and low64.</summary>
    public static BlockHash Hash128(ReadOnlySpan<byte> data, ulong seed) => data.Length switch
    {
        0 => new(Finish64(seed ^ Secret(80) ^ Secret(88)), Finish64(seed ^ Secret(64) ^ Secret(72))),
        <= 3 => Hash1To3(data, seed),
        <= 8 => Hash4To8(data, seed),
        <= 16 => Hash9To16(data, seed),
        <= 128 => Hash17To128(data, seed),
        <= 240 => Hash129To240(data, seed),
        _ => HashLong(data, seed),
    };

    private static BlockHash Hash1To3(ReadOnlySpan<byte> data, ulong seed)
    {
        uint combined = data[^1] | ((uint)data.Length << 8) | ((uint)data[0] << 16) | ((uint)data[data.Length >> 1] << 24);
        ulong flipped = BitOperations.RotateLeft(BinaryPrimitives.ReverseEndianness(combined), 13);
        ulong low = ((Secret32(0) ^ Secret32(4)) + seed) ^ combined;
        ulong high = ((Secret32(8) ^ Secret32(12)) - seed) ^ flipped;
        return new BlockHash(Finish64(high), Finish64(low));
    }

    private static BlockHash Hash4To8(ReadOnlySpan<byte> data, ulong seed)
    {
        ulong first = BinaryPrimitives.ReadUInt32LittleEndian(data);
        ulong last = BinaryPrimitives.ReadUInt32LittleEndian(data[^4..]);
        seed ^= (ulong)BinaryPrimitives.ReverseEndianness((uint)seed) << 32;
        ulong value = ((Secret(16) ^ Secret(24)) + seed) ^ (first | (last << 32));
        ulong high = Math.BigMul(value, P64x1 + ((ulong)data.Length << 2), out ulong low);
        high += low << 1;
        low ^= high >> 3;
        low ^= low >> 35;
        low *= Mix2;
        low ^= low >> 28;
        return new BlockHash(Finish(high), low);
    }

    private static BlockHash Hash9To16(ReadOnlySpan<byte> data, ulong seed)
    {
        ulong first = Word(data, 0);
        ulong last = Word(data, data.Length - 8);
        ulong one = ((Secret(32) ^ Secret(40)) - seed) ^ first ^ last;
        ulong two = ((Secret(48) ^ Secret(56)) + seed) ^ last;
        ulong high = Math.BigMul(one, P64x1, out ulong low);
        low += (ulong)(data.Length - 1) << 54;
        high += (two & 0xFFFFFFFF00000000) + ((uint)two * P32x2);
        low ^= BinaryPrimitives.ReverseEndianness(high);
        ulong carried = Math.BigMul(low, P64x2, out low);
        return new BlockHash(Finish(carried + (high * P64x2)), Finish(low));
    }

    private static BlockHash Hash17To128(ReadOnlySpan<byte> data, ulong seed)
    {
        (ulong low, ulong high) = ((ulong)data.Length * P64x1, 0);
        for (int i = (data.Length - 1) >> 5; i >= 0; i--)
        {
            MixPair(data[(i * 16)..], data[(data.Length - (i * 16) - 16)..], i * 32, seed, ref low, ref high);
        }

        return Merge(low, high, data.Length, seed);
    }

    private static BlockHash Hash129To240(ReadOnlySpan<byte> data, ulong seed)
    {
        (ulong low, ulong high) = ((ulong)data.Length * P64x1, 0);
        for (int i = 0; i < 4; i++)
        {
            MixPair(data[(i * 32)..], data[((i * 32) + 16)..], i * 32, seed, ref low, ref high);
        }

        (low, high) = (Finish(low), Finish(high));
        for (int i = 4; i < data.Length >> 5; i++)
        {
            MixPair(data[(i * 32)..], data[((i * 32) + 16)..], ((i - 4) * 32) + 3, seed, ref low, ref high);
        }

        MixPair(data[^16..], data[^32..], 103, 0 - seed, ref low, ref high);
        return Merge(low, high, data.Length, seed);
    }

    private static BlockHash HashLong(ReadOnlySpan<byte> data, ulong seed)
    {
        Span<byte> secret = stackalloc byte[SecretBytes];
        for (int i = 0; i < SecretBytes; i += 16)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(secret[i..], Secret(i) + seed);
            BinaryPrimitives.WriteUInt64LittleEndian(secret[(i + 8)..], Secret(i + 8) - seed);
        }

        Span<ulong> lanes = [P32x3, P64x1, P64x2, P64x3, P64x4, P32x2, P64x5, P32x1];
        int blocks = (data.Length - 1) / (StripeBytes * StripesPerBlock);
        ReadOnlySpan<byte> rest = data[Xxh3Stripes.AccumulateBlocks(lanes, data, secret, StripesPerBlock, blocks)..];
        Xxh3Stripes.Accumulate(lanes, rest, secret, (rest.Length - 1) / StripeBytes);
        Xxh3Stripes.Accumulate(lanes, data[^StripeBytes..], secret[(SecretBytes - 71)..], 1);
        ulong length = (ulong)data.Length;
        return new BlockHash(
            FoldLanes(lanes, ~(length * P64x2), secret[(SecretBytes - 75)..]),
            FoldLanes(lanes, length * P64x1, secret[11..]));
    }

    private static ulong FoldLanes(ReadOnlySpan<ulong> lanes, ulong start, ReadOnlySpan<byte> secret)
    {
        for (int i = 0; i < 8; i += 2)
        {
            start += Fold(lanes[i] ^ Word(secret, i * 8), lanes[i + 1] ^ Word(secret, (i + 1) * 8));
        }

        return Finish(start);
    }

    private static void MixPair(
        ReadOnlySpan<byte> one, ReadOnlySpan<byte> two, int secret, ulong seed, ref ulong low, ref ulong high)
    {
        low += Fold(Word(one, 0) ^ (Secret(secret) + seed), Word(one, 8) ^ (Secret(secret + 8) - seed));
        high += Fold(Word(two, 0) ^ (Secret(secret + 16) + seed), Word(two, 8) ^ (Secret(secret + 24) - seed));
        low ^= Word(two, 0) + Word(two, 8);
        high ^= Word(one, 0) + Word(one, 8);
    }

    private static BlockHash Merge(ulong low, ulong high, int length, ulong seed) => new(
        0 - Finish((low * P64x1) + (high * P64x4) + (((ulong)length - seed) * P64x2)),
        Finish(low + high));

    private static ulong Fold(ulong one, ulong two) => Math.BigMul(one, two, out ulong low) ^ low;

    private static ulong Finish(ulong x)
    {
        x = (x ^ (x >> 37)) * Mix1;
        return x ^ (x >> 32);
    }

    private static ulong Finish64(ulong x)
    {
        x = (x ^ (x >> 33)) * P64x2;
        x = (x ^ (x >> 29)) * P64x3;
        return x ^ (x >> 32);
    }

    private static ulong Word(ReadOnlySpan<byte> data, int offset) => BinaryPrimitives.ReadUInt64LittleEndian(data[offset..]);

    private static ulong Secret(int offset) => Word(DefaultSecret, offset);

    private static ulong Secret32(int offset) => BinaryPrimitives.ReadUInt32LittleEndian(DefaultSecret[offset..]);
}
