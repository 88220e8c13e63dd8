namespace Orleans.Serialization;

internal sealed class NullableCodec<T> : Codec<T?>
    where T : struct
{
    private readonly Codec<T> _inner = CodecTable.Get<T>();

    public override bool IsImmutable => _inner.IsImmutable;

    public override void Write(ByteWriter writer, T? value)
    {
        if (value is { } some)
        {
            _inner.Write(writer, some);
        }
        else
        {
            writer.Header(WireKind.Null);
        }
    }

    public override T? Read(ByteReader reader) => reader.TryNull() ? null : _inner.Read(reader);

    public override T? Copy(T? value, CopyContext context) => value is { } some ? _inner.Copy(some, context) : null;

    public override object ReadBodyBoxed(ByteReader reader, WireKind kind, WireFlags flags) =>
        _inner.ReadBodyBoxed(reader, kind, flags);

    public override void WriteExactBoxed(ByteWriter writer, object value, bool typed) =>
        _inner.WriteExactBoxed(writer, value, typed);
}
