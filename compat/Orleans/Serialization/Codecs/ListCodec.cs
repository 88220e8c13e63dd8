using System.Runtime.InteropServices;

namespace Orleans.Serialization;

internal sealed class ListCodec<T>() : ClassCodec<List<T>>(WireKind.Sequence, tracked: true)
{
    private readonly Codec<T> _element = CodecTable.Get<T>();

    protected override void WriteBody(ByteWriter writer, List<T> value) =>
        Elements.Write(writer, _element, CollectionsMarshal.AsSpan(value));

    protected override List<T> ReadBody(ByteReader reader, int number)
    {
        var count = reader.Count("elements");
        var list = new List<T>(Math.Min(count, WireLimits.TrustedCount));
        if (number >= 0)
        {
            reader.EndTracked(number, list);
        }

        for (var i = 0; i < count; i++)
        {
            list.Add(_element.Read(reader));
        }

        return list;
    }

    protected override List<T> CopyBody(List<T> value, CopyContext context)
    {
        var copy = new List<T>(value.Count);
        context.Add(value, copy);
        foreach (var element in value)
        {
            copy.Add(_element.Copy(element, context));
        }

        return copy;
    }
}
