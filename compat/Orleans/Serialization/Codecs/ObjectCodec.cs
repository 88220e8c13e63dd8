namespace Orleans.Serialization;

/// <summary>A class by its members.</summary>
internal sealed class ObjectCodec<T>(List<List<MemberAccess>> levels, bool declaredImmutable)
    : ClassCodec<T>(WireKind.Object, tracked: true)
    where T : class
{
    private readonly MemberTable<T> _members = new(levels);
    private readonly Func<T> _create = ObjectCreator.For<T>();

    public override bool IsImmutable => declaredImmutable;

    protected override void WriteBody(ByteWriter writer, T value) => _members.Write(writer, ref value);

    protected override T ReadBody(ByteReader reader, int number)
    {
        var value = _create();
        if (number >= 0)
        {
            reader.EndTracked(number, value);
        }

        _members.Read(reader, ref value);
        return value;
    }

    protected override T CopyBody(T value, CopyContext context)
    {
        var copy = _create();
        context.Add(value, copy);
        _members.Copy(ref value, ref copy, context);
        return copy;
    }
}
