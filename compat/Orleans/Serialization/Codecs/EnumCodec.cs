using System.Numerics;
using System.Runtime.CompilerServices;

namespace Orleans.Serialization;

/// <summary>An enum as its number; numbers without a name pass.</summary>
internal sealed class EnumCodec<T, TNumber>() : ValueCodec<T>(IsSigned ? WireKind.Signed : WireKind.Unsigned)
    where T : struct, Enum
    where TNumber : struct, INumberBase<TNumber>, IMinMaxValue<TNumber>
{
    private static bool IsSigned => TNumber.MinValue != TNumber.Zero;

    protected override void WriteBody(ByteWriter writer, T value)
    {
        var number = Unsafe.BitCast<T, TNumber>(value);
        if (IsSigned)
        {
            writer.Signed(long.CreateChecked(number));
        }
        else
        {
            writer.Unsigned(ulong.CreateChecked(number));
        }
    }

    protected override T ReadBody(ByteReader reader, WireKind kind)
    {
        Expect(kind);
        var number = IsSigned ? TNumber.CreateChecked(reader.Signed()) : TNumber.CreateChecked(reader.Unsigned());
        return Unsafe.BitCast<TNumber, T>(number);
    }
}
