using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace XLLM.Scheduling.Blocks;

/// <summary>The inner loop of <see cref="Xxh3"/> over long data: eight lanes of 64 bits, in vectors where the machine has them.</summary>
internal static class Xxh3Stripes
{
    public const int Bytes = 64;

    private const ulong P32x1 = 0x9E3779B1;

    /// <summary>Takes stripes [0, count) of the data into the lanes, stripe n with the secret from byte 8 n on.</summary>
    public static void Accumulate(Span<ulong> lanes, ReadOnlySpan<byte> data, ReadOnlySpan<byte> secret, int count)
    {
        // The vectors below read without checks of their own.
        _ = data[..(count * Bytes)];
        _ = secret[..(((count - 1) * 8) + Bytes)];
        _ = lanes[..8];
        if (Avx512F.IsSupported)
        {
            Accumulate512(lanes, data, secret, count);
        }
        else if (Avx2.IsSupported)
        {
            Accumulate256(lanes, data, secret, count);
        }
        else
        {
            for (int n = 0; n < count; n++)
            {
                Accumulate(lanes, data.Slice(n * Bytes, Bytes), secret.Slice(n * 8, Bytes));
            }
        }
    }

    /// <summary>Takes whole blocks of <paramref name="stripes"/> stripes, each mixed afterwards; how many bytes that were.</summary>
    public static int AccumulateBlocks(Span<ulong> lanes, ReadOnlySpan<byte> data, ReadOnlySpan<byte> secret, int stripes, int blocks)
    {
        int bytes = stripes * Bytes * blocks;
        if (Avx512F.IsSupported)
        {
            _ = data[..bytes];
            _ = secret[..((stripes * 8) + Bytes)];
            _ = lanes[..8];
            AccumulateBlocks512(lanes, data, secret, stripes, blocks);
            return bytes;
        }

        for (int i = 0; i < blocks; i++)
        {
            Accumulate(lanes, data[(i * stripes * Bytes)..], secret, stripes);
            Scramble(lanes, secret[(stripes * 8)..]);
        }

        return bytes;
    }

    /// <summary>Mixes the lanes after a block of stripes, with 64 bytes of the secret.</summary>
    public static void Scramble(Span<ulong> lanes, ReadOnlySpan<byte> secret)
    {
        for (int i = 0; i < 8; i++)
        {
            ulong key = BinaryPrimitives.ReadUInt64LittleEndian(secret[(i * 8)..]);
            lanes[i] = (lanes[i] ^ (lanes[i] >> 47) ^ key) * P32x1;
        }
    }

    private static void Accumulate(Span<ulong> lanes, ReadOnlySpan<byte> stripe, ReadOnlySpan<byte> secret)
    {
        for (int i = 0; i < 8; i++)
        {
            ulong word = BinaryPrimitives.ReadUInt64LittleEndian(stripe[(i * 8)..]);
            ulong keyed = word ^ BinaryPrimitives.ReadUInt64LittleEndian(secret[(i * 8)..]);
            lanes[i ^ 1] += word;
            lanes[i] += (keyed & 0xFFFFFFFF) * (keyed >> 32);
        }
    }

    // As below, with the lanes in a register from the first block to the last. Compiled well at once: its first data may be large.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AccumulateBlocks512(
        Span<ulong> lanes, ReadOnlySpan<byte> data, ReadOnlySpan<byte> secret, int stripes, int blocks)
    {
        ref ulong lane = ref MemoryMarshal.GetReference(lanes);
        ref byte bytes = ref MemoryMarshal.GetReference(data);
        ref byte key = ref MemoryMarshal.GetReference(secret);
        Vector512<ulong> last = Vector512.LoadUnsafe(ref Unsafe.Add(ref key, stripes * 8)).AsUInt64();
        Vector512<uint> prime = Vector512.Create(P32x1).AsUInt32();
        Vector512<ulong> sum = Vector512.LoadUnsafe(ref lane);
        for (int block = 0; block < blocks; block++)
        {
            for (int n = 0; n < stripes; n++)
            {
                Vector512<ulong> word = Vector512.LoadUnsafe(ref bytes).AsUInt64();
                Vector512<ulong> keyed = word ^ Vector512.LoadUnsafe(ref Unsafe.Add(ref key, n * 8)).AsUInt64();
                Vector512<ulong> product = Avx512F.Multiply(keyed.AsUInt32(), Avx512F.ShiftRightLogical(keyed, 32).AsUInt32());
                sum += product + Avx512F.Shuffle(word.AsUInt32(), 0x4E).AsUInt64();
                bytes = ref Unsafe.Add(ref bytes, Bytes);
            }

            // 64 by 32 bits in two halves: a lane times the prime.
            sum ^= Avx512F.ShiftRightLogical(sum, 47) ^ last;
            Vector512<ulong> high = Avx512F.Multiply(Avx512F.ShiftRightLogical(sum, 32).AsUInt32(), prime);
            sum = Avx512F.Multiply(sum.AsUInt32(), prime) + Avx512F.ShiftLeftLogical(high, 32);
        }

        sum.StoreUnsafe(ref lane);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Accumulate512(Span<ulong> lanes, ReadOnlySpan<byte> data, ReadOnlySpan<byte> secret, int count)
    {
        ref ulong lane = ref MemoryMarshal.GetReference(lanes);
        ref byte bytes = ref MemoryMarshal.GetReference(data);
        ref byte key = ref MemoryMarshal.GetReference(secret);
        Vector512<ulong> sum = Vector512.LoadUnsafe(ref lane);
        for (int n = 0; n < count; n++)
        {
            Vector512<ulong> word = Vector512.LoadUnsafe(ref Unsafe.Add(ref bytes, n * Bytes)).AsUInt64();
            Vector512<ulong> keyed = word ^ Vector512.LoadUnsafe(ref Unsafe.Add(ref key, n * 8)).AsUInt64();
            Vector512<ulong> product = Avx512F.Multiply(keyed.AsUInt32(), Avx512F.ShiftRightLogical(keyed, 32).AsUInt32());

            // 0x4E swaps the two words of each pair of lanes.
            sum = sum + product + Avx512F.Shuffle(word.AsUInt32(), 0x4E).AsUInt64();
        }

        sum.StoreUnsafe(ref lane);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Accumulate256(Span<ulong> lanes, ReadOnlySpan<byte> data, ReadOnlySpan<byte> secret, int count)
    {
        ref ulong lane = ref MemoryMarshal.GetReference(lanes);
        ref byte bytes = ref MemoryMarshal.GetReference(data);
        ref byte key = ref MemoryMarshal.GetReference(secret);
        Vector256<ulong> low = Vector256.LoadUnsafe(ref lane);
        Vector256<ulong> high = Vector256.LoadUnsafe(ref lane, 4);
        for (int n = 0; n < count; n++)
        {
            low += Mixed(ref Unsafe.Add(ref bytes, n * Bytes), ref Unsafe.Add(ref key, n * 8));
            high += Mixed(ref Unsafe.Add(ref bytes, (n * Bytes) + 32), ref Unsafe.Add(ref key, (n * 8) + 32));
        }

        low.StoreUnsafe(ref lane);
        high.StoreUnsafe(ref lane, 4);
    }

    private static Vector256<ulong> Mixed(ref byte data, ref byte secret)
    {
        Vector256<ulong> word = Vector256.LoadUnsafe(ref data).AsUInt64();
        Vector256<ulong> keyed = word ^ Vector256.LoadUnsafe(ref secret).AsUInt64();
        Vector256<ulong> product = Avx2.Multiply(keyed.AsUInt32(), Avx2.ShiftRightLogical(keyed, 32).AsUInt32());
        return product + Avx2.Shuffle(word.AsUInt32(), 0x4E).AsUInt64();
    }
}
