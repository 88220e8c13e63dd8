namespace Orleans.Serialization;

/// <summary>An immutable class that is written as text.</summary>
internal sealed class TextClassCodec<T>(Func<T, string> toText, Func<string, T> fromText)
    : ClassCodec<T>(WireKind.Bytes, tracked: false)
    where T : class
{
    public override bool IsImmutable => true;

    protected override void WriteBody(ByteWriter writer, T value) => writer.Text(toText(value));

    protected override T ReadBody(ByteReader reader, int number) => TextForm.Parse(reader.Text(), fromText);

    protected override T CopyBody(T value, CopyContext context) => value;
}
