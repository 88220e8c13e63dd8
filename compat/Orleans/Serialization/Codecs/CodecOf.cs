namespace Orleans.Serialization;

/// <summary>A codec with its type.</summary>
internal abstract class Codec<T> : Codec
{
    public sealed override Type Type => typeof(T);

    public abstract void Write(ByteWriter writer, T value);

    public abstract T Read(ByteReader reader);

    public abstract T Copy(T value, CopyContext context);

    public sealed override void WriteBoxed(ByteWriter writer, object? value) => Write(writer, (T)value!);

    public sealed override object? ReadBoxed(ByteReader reader) => Read(reader);

    public sealed override object? CopyBoxed(object? value, CopyContext context) => Copy((T)value!, context);
}
