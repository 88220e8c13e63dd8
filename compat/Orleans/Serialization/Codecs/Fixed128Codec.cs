namespace Orleans.Serialization;

/// <summary>Sixteen bytes: GUID, decimal, 128-bit integers.</summary>
internal sealed class Fixed128Codec<T>(Func<T, UInt128> toWire, Func<UInt128, T> fromWire) : ValueCodec<T>(WireKind.Fixed128)
    where T : struct
{
    protected override void WriteBody(ByteWriter writer, T value) => writer.Fixed128(toWire(value));

    protected override T ReadBody(ByteReader reader, WireKind kind)
    {
        Expect(kind);
        try
        {
            return fromWire(reader.Fixed128());
        }
        catch (ArgumentException e)
        {
            throw new SerializerException($"The message is broken: no {typeof(T)} has these bits.", e);
        }
    }
}
