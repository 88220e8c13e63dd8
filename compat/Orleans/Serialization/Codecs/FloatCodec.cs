using System.Numerics;

namespace Orleans.Serialization;

/// <summary>Half, float and double; each reads what another wrote.</summary>
internal sealed class FloatCodec<T>() : ValueCodec<T>(typeof(T) == typeof(double) ? WireKind.Fixed64 : WireKind.Fixed32)
    where T : struct, IFloatingPointIeee754<T>
{
    protected override void WriteBody(ByteWriter writer, T value)
    {
        if (typeof(T) == typeof(double))
        {
            writer.Fixed64(BitConverter.DoubleToUInt64Bits(double.CreateTruncating(value)));
        }
        else
        {
            writer.Fixed32(BitConverter.SingleToUInt32Bits(float.CreateTruncating(value)));
        }
    }

    protected override T ReadBody(ByteReader reader, WireKind kind) => kind switch
    {
        WireKind.Fixed32 => T.CreateTruncating(BitConverter.UInt32BitsToSingle(reader.Fixed32())),
        WireKind.Fixed64 => T.CreateTruncating(BitConverter.UInt64BitsToDouble(reader.Fixed64())),
        _ => throw Unexpected(kind),
    };
}
