using System.Buffers;

namespace Orleans.Runtime;

/// <summary>Where a moved activation finds its state.</summary>
public interface IRehydrationContext
{
    IEnumerable<string> Keys { get; }

    bool TryGetBytes(string key, out ReadOnlySequence<byte> value);

    bool TryGetValue<T>(string key, out T? value);
}
