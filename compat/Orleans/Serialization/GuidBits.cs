using System.Buffers.Binary;

namespace Orleans.Serialization;

internal static class GuidBits
{
    public static ulong High(Guid value)
    {
        Span<byte> bytes = stackalloc byte[16];
        value.TryWriteBytes(bytes);
        return BinaryPrimitives.ReadUInt64LittleEndian(bytes);
    }

    public static ulong Low(Guid value)
    {
        Span<byte> bytes = stackalloc byte[16];
        value.TryWriteBytes(bytes);
        return BinaryPrimitives.ReadUInt64LittleEndian(bytes[8..]);
    }

    public static Guid Create(UInt128 bits)
    {
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, (ulong)(bits >> 64));
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[8..], (ulong)bits);
        return new Guid(bytes);
    }
}
