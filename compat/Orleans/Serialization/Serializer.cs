namespace Orleans.Serialization;

/// <summary>Values to bytes and back. Any thread.</summary>
public sealed class Serializer
{
    internal Serializer()
    {
    }

    public byte[] SerializeToArray<T>(T value) => throw new NotSupportedException(value?.ToString());

    public T Deserialize<T>(byte[] source) => Deserialize<T>((ReadOnlyMemory<byte>)source);

    public T Deserialize<T>(ReadOnlyMemory<byte> source) => throw new NotSupportedException(source.ToString());
}
