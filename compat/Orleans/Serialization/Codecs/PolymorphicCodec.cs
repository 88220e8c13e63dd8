namespace Orleans.Serialization;

/// <summary>An interface, an abstract class or object: the value's own type is always written.</summary>
internal sealed class PolymorphicCodec<T> : Codec<T>
    where T : class
{
    public override bool IsImmutable => false;

    public override void Write(ByteWriter writer, T value)
    {
        if (value is null)
        {
            writer.Header(WireKind.Null);
            return;
        }

        CodecTable.ForInstance(value).WriteExactBoxed(writer, value, typed: true);
    }

    public override T Read(ByteReader reader)
    {
        var (kind, flags) = reader.Header();
        if (kind == WireKind.Null)
        {
            return null!;
        }

        if (kind == WireKind.Reference)
        {
            return reader.Referenced(this) as T
                ?? throw ByteReader.Broken($"a reference to a {typeof(T)} leads to another type");
        }

        if (!flags.HasFlag(WireFlags.Typed))
        {
            throw ByteReader.Broken($"a {typeof(T)} has come without its type");
        }

        var type = reader.Type();
        return typeof(T).IsAssignableFrom(type) || typeof(Runtime.GrainReference).IsAssignableFrom(type)
            ? CodecTable.Get(type).ReadBodyBoxed(reader, kind, flags) as T
                ?? throw ByteReader.Broken($"a {typeof(T)} is expected, a {type} has come")
            : throw ByteReader.Broken($"a {typeof(T)} is expected, a {type} has come");
    }

    public override T Copy(T value, CopyContext context) =>
        value is null ? null! : (T)CodecTable.ForInstance(value).CopyBoxed(value, context)!;

    public override object ReadBodyBoxed(ByteReader reader, WireKind kind, WireFlags flags) =>
        throw ByteReader.Broken($"nothing is exactly a {typeof(T)}");

    public override void WriteExactBoxed(ByteWriter writer, object value, bool typed) =>
        throw new CodecNotFoundException($"A plain {value.GetType()} does not travel.");
}
