namespace Orleans.Serialization;

/// <summary>A reference type: may be null, may be a derived type, may occur several times.</summary>
internal abstract class ClassCodec<T>(WireKind kind, bool tracked) : Codec<T>
    where T : class
{
    public override bool IsImmutable => false;

    public sealed override void Write(ByteWriter writer, T value)
    {
        if (value is null)
        {
            writer.Header(WireKind.Null);
        }
        else if (value.GetType() == typeof(T))
        {
            WriteExact(writer, value, typed: false);
        }
        else
        {
            CodecTable.ForInstance(value).WriteExactBoxed(writer, value, typed: true);
        }
    }

    public sealed override T Read(ByteReader reader)
    {
        var (found, flags) = reader.Header();
        if (found == WireKind.Null)
        {
            return null!;
        }

        if (found == WireKind.Reference)
        {
            return reader.Referenced(this) as T
                ?? throw ByteReader.Broken($"a reference to a {typeof(T)} leads to another type");
        }

        if (!flags.HasFlag(WireFlags.Typed))
        {
            return ReadBody(reader, found, flags);
        }

        var type = reader.TryType(out var name);
        if (type is null && typeof(T) == typeof(Exception))
        {
            return (T)(object)UnavailableExceptionFallbackException.Read(reader, found, flags, name);
        }

        if (type is null)
        {
            throw ByteReader.UnknownType(name);
        }

        if (!typeof(T).IsAssignableFrom(type))
        {
            throw ByteReader.Broken($"a {typeof(T)} is expected, a {type} has come");
        }

        return (T)CodecTable.Get(type).ReadBodyBoxed(reader, found, flags);
    }

    public sealed override T Copy(T value, CopyContext context)
    {
        if (value is null)
        {
            return null!;
        }

        if (value.GetType() != typeof(T))
        {
            return (T)CodecTable.ForInstance(value).CopyBoxed(value, context)!;
        }

        if (IsImmutable)
        {
            return value;
        }

        if (context.TryGet(value, out var copy))
        {
            return (T)copy!;
        }

        context.Enter();
        var result = CopyBody(value, context);
        context.Leave();
        return result;
    }

    public sealed override object ReadBodyBoxed(ByteReader reader, WireKind kind, WireFlags flags) =>
        ReadBody(reader, kind, flags);

    public sealed override void WriteExactBoxed(ByteWriter writer, object value, bool typed) =>
        WriteExact(writer, (T)value, typed);

    protected abstract void WriteBody(ByteWriter writer, T value);

    /// <summary>Reads the body; <paramref name="number"/> is the object's number, or -1.</summary>
    protected abstract T ReadBody(ByteReader reader, int number);

    protected abstract T CopyBody(T value, CopyContext context);

    private void WriteExact(ByteWriter writer, T value, bool typed)
    {
        if (tracked && writer.TryReference(value))
        {
            return;
        }

        writer.Header(kind, (typed ? WireFlags.Typed : 0) | (tracked ? WireFlags.Tracked : 0));
        if (typed)
        {
            writer.TypeOf(typeof(T));
        }

        writer.Enter();
        WriteBody(writer, value);
        writer.Leave();
    }

    private T ReadBody(ByteReader reader, WireKind found, WireFlags flags)
    {
        if (found != kind)
        {
            throw Unexpected(found);
        }

        var number = flags.HasFlag(WireFlags.Tracked) ? reader.BeginTracked() : -1;
        reader.Enter();
        var value = ReadBody(reader, number);
        reader.Leave();
        if (number >= 0)
        {
            reader.EndTracked(number, value);
        }

        return value;
    }
}
