using System.Numerics;

namespace Orleans.Serialization;

/// <summary>Signed integers of up to 64 bits. A number that does not fit the reader's type throws OverflowException.</summary>
internal sealed class SignedCodec<T>() : ValueCodec<T>(WireKind.Signed)
    where T : struct, INumberBase<T>
{
    protected override void WriteBody(ByteWriter writer, T value) => writer.Signed(long.CreateChecked(value));

    protected override T ReadBody(ByteReader reader, WireKind kind)
    {
        Expect(kind);
        return T.CreateChecked(reader.Signed());
    }
}
