namespace Orleans.Serialization;

internal sealed class ByteArrayCodec() : ClassCodec<byte[]>(WireKind.Bytes, tracked: true)
{
    protected override void WriteBody(ByteWriter writer, byte[] value) => writer.Bytes(value);

    protected override byte[] ReadBody(ByteReader reader, int number) => reader.Bytes().ToArray();

    protected override byte[] CopyBody(byte[] value, CopyContext context)
    {
        var copy = value.AsSpan().ToArray();
        context.Add(value, copy);
        return copy;
    }
}
