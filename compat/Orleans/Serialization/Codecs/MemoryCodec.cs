namespace Orleans.Serialization;

/// <summary>Memory of bytes, which is copied: the sender may reuse its buffer.</summary>
internal sealed class MemoryCodec<T>(Func<T, ReadOnlyMemory<byte>> toBytes, Func<byte[], T> fromBytes)
    : ValueCodec<T>(WireKind.Bytes)
    where T : struct
{
    public override bool IsImmutable => false;

    public override T Copy(T value, CopyContext context) => fromBytes(toBytes(value).ToArray());

    protected override void WriteBody(ByteWriter writer, T value) => writer.Bytes(toBytes(value).Span);

    protected override T ReadBody(ByteReader reader, WireKind kind)
    {
        Expect(kind);
        return fromBytes(reader.Bytes().ToArray());
    }
}
