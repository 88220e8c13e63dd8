using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using Orleans.Runtime;

namespace Orleans.Serialization;

/// <summary>Values to bytes and back. Any thread. Unknown types throw <see cref="CodecNotFoundException"/>.</summary>
public sealed class Serializer
{
    [ThreadStatic]
    private static ByteWriter? _writer;

    private readonly INodeRuntime? _node;

    internal Serializer(INodeRuntime? node)
    {
        _node = node;
    }

    public bool CanSerialize<T>() => CanSerialize(typeof(T));

    public bool CanSerialize(Type type) => CodecTable.IsSerializable(type);

    public byte[] SerializeToArray<T>(T value)
    {
        var writer = Take();
        writer.Byte(WireLimits.Version);
        CodecTable.Get<T>().Write(writer, value);
        return Return(writer);
    }

    public void Serialize<T, TBufferWriter>(T value, TBufferWriter destination)
        where TBufferWriter : IBufferWriter<byte> => destination.Write(SerializeToArray(value));

    [return: MaybeNull]
    public T Deserialize<T>(byte[] source) => Deserialize<T>((ReadOnlyMemory<byte>)source);

    [return: MaybeNull]
    public T Deserialize<T>(ReadOnlySequence<byte> source) => Deserialize<T>((ReadOnlyMemory<byte>)source.ToArray());

    [return: MaybeNull]
    public T Deserialize<T>(ReadOnlyMemory<byte> source)
    {
        var reader = new ByteReader(source, _node);
        var version = reader.Byte();
        if (version != WireLimits.Version)
        {
            throw ByteReader.Broken($"version {version} of the format is not known, only {WireLimits.Version}");
        }

        var value = CodecTable.Get<T>().Read(reader);
        return reader.Remaining == 0 ? value : throw ByteReader.Broken($"{reader.Remaining} bytes are left over");
    }

    /// <summary>A writer for one message on this thread.</summary>
    internal static ByteWriter Take()
    {
        var writer = _writer ?? new ByteWriter();
        _writer = null;
        writer.Reset();
        return writer;
    }

    internal static byte[] Return(ByteWriter writer)
    {
        var bytes = writer.ToArray();
        _writer = writer;
        return bytes;
    }
}
