using Orleans.Runtime;

namespace Orleans.Serialization;

/// <summary>A grain or observer as a value: its id and the interface it is seen through.</summary>
internal sealed class ReferenceCodec<T> : Codec<T>
    where T : class
{
    public override bool IsImmutable => true;

    public override void Write(ByteWriter writer, T value)
    {
        if (value is null)
        {
            writer.Header(WireKind.Null);
        }
        else
        {
            WriteExactBoxed(writer, value, typed: false);
        }
    }

    public override T Read(ByteReader reader)
    {
        var (kind, flags) = reader.Header();
        if (kind == WireKind.Null)
        {
            return null!;
        }

        if (flags.HasFlag(WireFlags.Typed))
        {
            reader.Type();
        }

        return ReadBodyBoxed(reader, kind, flags) as T ?? throw ByteReader.Broken($"the reference is not a {typeof(T)}");
    }

    public override T Copy(T value, CopyContext context)
    {
        if (value is not null and not GrainReference)
        {
            throw NotAReference(value);
        }

        return value!;
    }

    public override object ReadBodyBoxed(ByteReader reader, WireKind kind, WireFlags flags)
    {
        if (kind != WireKind.Sequence || reader.Unsigned() != 3)
        {
            throw Unexpected(kind);
        }

        var type = ReferenceText(reader);
        var key = ReferenceText(reader);
        var name = ReferenceText(reader);
        var node = reader.Node
            ?? throw new SerializerException("A grain reference can be read only inside a silo or client.");
        if (type.Length == 0 || key.Length == 0)
        {
            throw ByteReader.Broken("a grain reference has an empty id");
        }

        var seen = InterfaceTable.Find(name)?.Type
            ?? throw new SerializerException($"Grain interface '{name}' is not known here.");
        return node.GetReference(GrainId.Create(type, key), typeof(T).IsInterface && typeof(T) != typeof(IAddressable)
            && !typeof(T).IsAssignableFrom(seen) ? typeof(T) : seen);
    }

    public override void WriteExactBoxed(ByteWriter writer, object value, bool typed)
    {
        if (value is not GrainReference reference)
        {
            throw NotAReference(value);
        }

        writer.Header(WireKind.Sequence, typed ? WireFlags.Typed : WireFlags.None);
        if (typed)
        {
            writer.TypeOf(typeof(GrainReference));
        }

        writer.Unsigned(3);
        WriteText(writer, reference.GrainId.Type.ToString());
        WriteText(writer, reference.GrainId.Key.ToString());
        WriteText(writer, reference.InterfaceName);
    }

    private static void WriteText(ByteWriter writer, string text)
    {
        writer.Header(WireKind.Bytes);
        writer.Text(text);
    }

    private string ReferenceText(ByteReader reader)
    {
        var (kind, _) = reader.Header();
        return kind == WireKind.Bytes ? reader.Text() : throw Unexpected(kind);
    }

    private static ArgumentException NotAReference(object value) => new(
        $"A {value.GetType()} cannot be passed in a call; pass a reference to it: this.AsReference<T>() for a grain, "
        + "IGrainFactory.CreateObjectReference for an observer.");
}
