namespace Orleans.Serialization;

/// <summary>Writes, reads and copies values of one type. Any thread.</summary>
internal abstract class Codec
{
    public abstract Type Type { get; }

    /// <summary>Values never change, so a copy is the value itself.</summary>
    public abstract bool IsImmutable { get; }

    public abstract void WriteBoxed(ByteWriter writer, object? value);

    public abstract object? ReadBoxed(ByteReader reader);

    public abstract object? CopyBoxed(object? value, CopyContext context);

    /// <summary>Reads the rest of a value of exactly this type, after its header and type.</summary>
    public abstract object ReadBodyBoxed(ByteReader reader, WireKind kind, WireFlags flags);

    /// <summary>Writes a value of exactly this type, header first, with its type when <paramref name="typed"/>.</summary>
    public abstract void WriteExactBoxed(ByteWriter writer, object value, bool typed);

    protected SerializerException Unexpected(WireKind kind) => ByteReader.Broken($"a {Type} cannot be read from {kind}");
}
