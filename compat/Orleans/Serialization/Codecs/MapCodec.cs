namespace Orleans.Serialization;

/// <summary>A dictionary: keys and values in turn. Comparers do not travel.</summary>
internal sealed class MapCodec<TMap, TKey, TValue>(Func<List<KeyValuePair<TKey, TValue>>, TMap> create, bool immutable = false)
    : ClassCodec<TMap>(WireKind.Sequence, tracked: true)
    where TMap : class, IEnumerable<KeyValuePair<TKey, TValue>>
{
    private readonly Codec<TKey> _key = CodecTable.Get<TKey>();
    private readonly Codec<TValue> _value = CodecTable.Get<TValue>();

    public override bool IsImmutable => immutable && _key.IsImmutable && _value.IsImmutable;

    protected override void WriteBody(ByteWriter writer, TMap value)
    {
        var pairs = value.ToArray();
        writer.Unsigned((ulong)(2L * pairs.Length));
        foreach (var (k, v) in pairs)
        {
            _key.Write(writer, k);
            _value.Write(writer, v);
        }
    }

    protected override TMap ReadBody(ByteReader reader, int number)
    {
        var count = reader.Count("keys and values");
        if (count % 2 != 0)
        {
            throw ByteReader.Broken("a dictionary has a key without a value");
        }

        var pairs = new List<KeyValuePair<TKey, TValue>>(Math.Min(count / 2, WireLimits.TrustedCount));
        for (var i = 0; i < count / 2; i++)
        {
            var key = _key.Read(reader);
            pairs.Add(new(key ?? throw ByteReader.Broken("a dictionary has a null key"), _value.Read(reader)));
        }

        try
        {
            return create(pairs);
        }
        catch (ArgumentException e)
        {
            throw new SerializerException($"The message is broken: {e.Message}", e);
        }
    }

    protected override TMap CopyBody(TMap value, CopyContext context)
    {
        var copy = create([.. value.Select(p =>
            new KeyValuePair<TKey, TValue>(_key.Copy(p.Key, context), _value.Copy(p.Value, context)))]);
        context.Add(value, copy);
        return copy;
    }
}
