namespace Orleans.Serialization;

/// <summary>An immutable value type that is written as text.</summary>
internal sealed class TextCodec<T>(Func<T, string> toText, Func<string, T> fromText) : ValueCodec<T>(WireKind.Bytes)
    where T : struct
{
    protected override void WriteBody(ByteWriter writer, T value) => writer.Text(toText(value));

    protected override T ReadBody(ByteReader reader, WireKind kind)
    {
        Expect(kind);
        return TextForm.Parse(reader.Text(), fromText);
    }
}
