using System.Buffers.Binary;

namespace XLLM.Formats.Gguf;

/// <summary>Sizes and little-endian decoding of GGUF's scalar types.</summary>
internal static class GgufScalars
{
    /// <summary>Bytes of a scalar; 0 for strings, arrays and unknown types.</summary>
    public static int SizeOf(GgufValueType type) => type switch
    {
        GgufValueType.UInt8 or GgufValueType.Int8 or GgufValueType.Bool => 1,
        GgufValueType.UInt16 or GgufValueType.Int16 => 2,
        GgufValueType.UInt32 or GgufValueType.Int32 or GgufValueType.Float32 => 4,
        GgufValueType.UInt64 or GgufValueType.Int64 or GgufValueType.Float64 => 8,
        _ => 0,
    };

    public static bool IsInteger(GgufValueType type) =>
        type is not (GgufValueType.Float32 or GgufValueType.Float64 or GgufValueType.Bool) && SizeOf(type) > 0;

    public static bool IsNumber(GgufValueType type) => type != GgufValueType.Bool && SizeOf(type) > 0;

    /// <summary>False when the value is no integer or does not fit.</summary>
    public static bool TryInt64(GgufValueType type, ReadOnlySpan<byte> at, out long value)
    {
        value = type switch
        {
            GgufValueType.UInt8 => at[0],
            GgufValueType.Int8 => (sbyte)at[0],
            GgufValueType.UInt16 => BinaryPrimitives.ReadUInt16LittleEndian(at),
            GgufValueType.Int16 => BinaryPrimitives.ReadInt16LittleEndian(at),
            GgufValueType.UInt32 => BinaryPrimitives.ReadUInt32LittleEndian(at),
            GgufValueType.Int32 => BinaryPrimitives.ReadInt32LittleEndian(at),
            GgufValueType.UInt64 or GgufValueType.Int64 => BinaryPrimitives.ReadInt64LittleEndian(at),
            _ => 0,
        };
        return IsInteger(type) && (type != GgufValueType.UInt64 || value >= 0);
    }

    /// <summary>False when the value is no number.</summary>
    public static bool TryDouble(GgufValueType type, ReadOnlySpan<byte> at, out double value)
    {
        switch (type)
        {
            case GgufValueType.Float32:
                value = BinaryPrimitives.ReadSingleLittleEndian(at);
                return true;
            case GgufValueType.Float64:
                value = BinaryPrimitives.ReadDoubleLittleEndian(at);
                return true;
            default:
                bool whole = TryInt64(type, at, out long integer);
                value = integer;
                return whole;
        }
    }
}
