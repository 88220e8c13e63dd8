namespace Orleans.Serialization;

/// <summary>A struct by its members.</summary>
internal sealed class StructCodec<T>(List<List<MemberAccess>> levels, bool declaredImmutable) : ValueCodec<T>(WireKind.Object)
    where T : struct
{
    private readonly MemberTable<T> _members = new(levels);

    public override bool IsImmutable => declaredImmutable || _members.AreImmutable;

    public override T Copy(T value, CopyContext context)
    {
        if (IsImmutable)
        {
            return value;
        }

        var copy = value;
        _members.Copy(ref value, ref copy, context);
        return copy;
    }

    protected override void WriteBody(ByteWriter writer, T value)
    {
        writer.Enter();
        _members.Write(writer, ref value);
        writer.Leave();
    }

    protected override T ReadBody(ByteReader reader, WireKind kind)
    {
        Expect(kind);
        reader.Enter();
        var value = default(T);
        _members.Read(reader, ref value);
        reader.Leave();
        return value;
    }
}
