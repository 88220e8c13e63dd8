using System.Buffers;
using Orleans.Serialization;

namespace Orleans.Runtime;

/// <summary>The state that a moving activation takes along, serialised.</summary>
internal sealed class MigrationContext(Serializer serializer, Dictionary<string, byte[]> values, GrainAddress? previousAddress)
    : IDehydrationContext, IRehydrationContext
{
    public IEnumerable<string> Keys => values.Keys;

    public Dictionary<string, byte[]> Values => values;

    /// <summary>Where the activation was.</summary>
    public GrainAddress? PreviousAddress => previousAddress;

    public void AddBytes(string key, ReadOnlySpan<byte> value) => values.Add(key, value.ToArray());

    public void AddBytes<T>(string key, Action<T, IBufferWriter<byte>> valueWriter, T value)
    {
        var writer = new ArrayBufferWriter<byte>();
        valueWriter(value, writer);
        AddBytes(key, writer.WrittenSpan);
    }

    public bool TryAddValue<T>(string key, T? value)
    {
        if (!serializer.CanSerialize<T>())
        {
            return false;
        }

        AddBytes(key, serializer.SerializeToArray(value));
        return true;
    }

    public bool TryGetBytes(string key, out ReadOnlySequence<byte> value)
    {
        var found = values.TryGetValue(key, out var bytes);
        value = new ReadOnlySequence<byte>(bytes ?? []);
        return found;
    }

    public bool TryGetValue<T>(string key, out T? value)
    {
        value = default;
        if (!values.TryGetValue(key, out var bytes))
        {
            return false;
        }

        value = serializer.Deserialize<T>(bytes);
        return true;
    }
}
