namespace XLLM.Grammar.Tokens;

/// <summary>Finished masks by what they depend on, least recently used dropped first. Not thread-safe.</summary>
internal sealed class RowCache(long maxBytes)
{
    private const int Overhead = 200;

    private readonly Dictionary<RowKey, LinkedListNode<(RowKey Key, uint[] Row)>> _rows = [];
    private readonly LinkedList<(RowKey Key, uint[] Row)> _order = new();
    private long _bytes;

    /// <summary>Bytes it holds. Any thread.</summary>
    public long Bytes => Volatile.Read(ref _bytes);

    public int Count => _rows.Count;

    public uint[]? Find(in RowKey key)
    {
        if (!_rows.TryGetValue(key, out LinkedListNode<(RowKey Key, uint[] Row)>? node))
        {
            return null;
        }

        if (node != _order.First)
        {
            _order.Remove(node);
            _order.AddFirst(node);
        }

        return node.Value.Row;
    }

    public void Add(in RowKey key, uint[] row)
    {
        _rows[key] = _order.AddFirst((key, row));
        _bytes += (row.Length * 4L) + Overhead;
        while (_bytes > maxBytes && _order.Last is { } last && last != _order.First)
        {
            _order.RemoveLast();
            _rows.Remove(last.Value.Key);
            _bytes -= (last.Value.Row.Length * 4L) + Overhead;
        }
    }
}
