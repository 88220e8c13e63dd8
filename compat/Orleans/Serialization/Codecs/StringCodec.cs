namespace Orleans.Serialization;

internal sealed class StringCodec() : ClassCodec<string>(WireKind.Bytes, tracked: false)
{
    public override bool IsImmutable => true;

    protected override void WriteBody(ByteWriter writer, string value) => writer.Text(value);

    protected override string ReadBody(ByteReader reader, int number) => reader.Text();

    protected override string CopyBody(string value, CopyContext context) => value;
}
