namespace Orleans.Serialization;

/// <summary>A value type that is written as a signed number.</summary>
internal sealed class NumberCodec<T>(Func<T, long> toNumber, Func<long, T> fromNumber) : ValueCodec<T>(WireKind.Signed)
    where T : struct
{
    protected override void WriteBody(ByteWriter writer, T value) => writer.Signed(toNumber(value));

    protected override T ReadBody(ByteReader reader, WireKind kind)
    {
        Expect(kind);
        var number = reader.Signed();
        try
        {
            return fromNumber(number);
        }
        catch (ArgumentException e)
        {
            throw new SerializerException($"The message is broken: {number} is no {typeof(T)}.", e);
        }
    }
}
