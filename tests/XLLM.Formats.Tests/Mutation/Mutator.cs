using System.Buffers.Binary;

namespace XLLM.Formats.Tests.Mutation;

/// <summary>Seeded damage to a file's bytes: the same seed gives the same file.</summary>
internal static class Mutator
{
    private static readonly ulong[] Interesting =
        [0, 1, 7, 0x7f, 0xff, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff, 1UL << 40, 1UL << 62, long.MaxValue, 1UL << 63, ulong.MaxValue];

    public static byte[] Mutate(byte[] source, int headerBytes, int seed)
    {
        var random = new Random(seed);
        byte[] bytes = (byte[])source.Clone();
        int rounds = 1 + random.Next(4);
        for (int i = 0; i < rounds && bytes.Length > 16; i++)
        {
            int at = random.Next(Math.Min(headerBytes, bytes.Length - 8));
            switch (random.Next(6))
            {
                case 0:
                    bytes[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 1:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 2:
                    BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(at), Interesting[random.Next(Interesting.Length)]);
                    break;
                case 3:
                    BinaryPrimitives.WriteUInt32LittleEndian(
                        bytes.AsSpan(at), (uint)Interesting[random.Next(Interesting.Length)]);
                    break;
                case 4:
                    bytes = bytes[..random.Next(bytes.Length)];
                    break;
                default:
                    int length = random.Next(1, 40);
                    bytes = [.. bytes[..at], .. bytes.AsSpan(at, Math.Min(length, bytes.Length - at)), .. bytes[at..]];
                    break;
            }
        }

        return bytes;
    }
}
