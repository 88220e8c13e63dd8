namespace Orleans.Serialization;

/// <summary>A class of elements that is made from an array of them.</summary>
internal sealed class CollectionCodec<TCollection, T>(Func<T[], TCollection> create, bool immutable = false)
    : ClassCodec<TCollection>(WireKind.Sequence, tracked: true)
    where TCollection : class, IEnumerable<T>
{
    private readonly Codec<T> _element = CodecTable.Get<T>();

    public override bool IsImmutable => immutable && _element.IsImmutable;

    protected override void WriteBody(ByteWriter writer, TCollection value) =>
        Elements.Write<T>(writer, _element, value.ToArray());

    protected override TCollection ReadBody(ByteReader reader, int number) => create(Elements.Read(reader, _element));

    protected override TCollection CopyBody(TCollection value, CopyContext context)
    {
        var copy = create(Elements.Copy<T>(_element, value.ToArray(), context));
        context.Add(value, copy);
        return copy;
    }
}
