namespace Orleans.Serialization;

internal sealed class ArrayCodec<T>() : ClassCodec<T[]>(WireKind.Sequence, tracked: true)
{
    private readonly Codec<T> _element = CodecTable.Get<T>();

    protected override void WriteBody(ByteWriter writer, T[] value) => Elements.Write(writer, _element, value);

    protected override T[] ReadBody(ByteReader reader, int number) =>
        Elements.Read(reader, _element, number >= 0 ? array => reader.EndTracked(number, array) : null);

    protected override T[] CopyBody(T[] value, CopyContext context)
    {
        var copy = new T[value.Length];
        context.Add(value, copy);
        Elements.Copy(_element, value, copy, context);
        return copy;
    }
}
