namespace Orleans.Serialization;

/// <summary>A value type: never null, never tracked.</summary>
internal abstract class ValueCodec<T>(WireKind kind) : Codec<T>
    where T : struct
{
    public override bool IsImmutable => true;

    public override void Write(ByteWriter writer, T value)
    {
        writer.Header(kind);
        WriteBody(writer, value);
    }

    public override T Read(ByteReader reader)
    {
        var (found, flags) = reader.Header();
        if (flags.HasFlag(WireFlags.Typed))
        {
            reader.Type();
        }

        return ReadBody(reader, found);
    }

    public override T Copy(T value, CopyContext context) => value;

    public override object ReadBodyBoxed(ByteReader reader, WireKind kind, WireFlags flags) => ReadBody(reader, kind);

    public override void WriteExactBoxed(ByteWriter writer, object value, bool typed)
    {
        writer.Header(kind, typed ? WireFlags.Typed : WireFlags.None);
        if (typed)
        {
            writer.TypeOf(typeof(T));
        }

        WriteBody(writer, (T)value);
    }

    protected abstract void WriteBody(ByteWriter writer, T value);

    /// <summary>Checks the kind and reads.</summary>
    protected abstract T ReadBody(ByteReader reader, WireKind kind);

    protected void Expect(WireKind found)
    {
        if (found != kind)
        {
            throw Unexpected(found);
        }
    }
}
