using System.Collections.Immutable;
using System.Runtime.InteropServices;

namespace Orleans.Serialization;

/// <summary>An immutable array; the default one, which is no array, stays that.</summary>
internal sealed class ImmutableArrayCodec<T> : Codec<ImmutableArray<T>>
{
    private readonly Codec<T> _element = CodecTable.Get<T>();

    public override bool IsImmutable => _element.IsImmutable;

    public override void Write(ByteWriter writer, ImmutableArray<T> value) => Write(writer, value, typed: false);

    public override ImmutableArray<T> Read(ByteReader reader)
    {
        var (kind, flags) = reader.Header();
        return Read(reader, kind, flags);
    }

    public override ImmutableArray<T> Copy(ImmutableArray<T> value, CopyContext context) =>
        value.IsDefaultOrEmpty || IsImmutable
            ? value
            : ImmutableCollectionsMarshal.AsImmutableArray(Elements.Copy(_element, value.AsSpan(), context));

    public override object ReadBodyBoxed(ByteReader reader, WireKind kind, WireFlags flags) =>
        Read(reader, kind, flags & ~WireFlags.Typed);

    public override void WriteExactBoxed(ByteWriter writer, object value, bool typed) =>
        Write(writer, (ImmutableArray<T>)value, typed);

    private void Write(ByteWriter writer, ImmutableArray<T> value, bool typed)
    {
        if (value.IsDefault && !typed)
        {
            writer.Header(WireKind.Null);
            return;
        }

        writer.Header(WireKind.Sequence, typed ? WireFlags.Typed : WireFlags.None);
        if (typed)
        {
            writer.TypeOf(Type);
        }

        writer.Enter();
        Elements.Write(writer, _element, value.AsSpan());
        writer.Leave();
    }

    private ImmutableArray<T> Read(ByteReader reader, WireKind kind, WireFlags flags)
    {
        if (flags.HasFlag(WireFlags.Typed))
        {
            reader.Type();
        }

        if (kind == WireKind.Null)
        {
            return default;
        }

        if (kind != WireKind.Sequence)
        {
            throw Unexpected(kind);
        }

        reader.Enter();
        var values = Elements.Read(reader, _element);
        reader.Leave();
        return ImmutableCollectionsMarshal.AsImmutableArray(values);
    }
}
