namespace Orleans.Serialization;

/// <summary>Objects copied so far, so that copies refer to each other as the originals do. One thread.</summary>
internal sealed class CopyContext
{
    private Dictionary<object, object>? _copies;
    private int _depth;

    public bool TryGet(object original, out object? copy)
    {
        copy = null;
        return _copies is not null && _copies.TryGetValue(original, out copy);
    }

    public void Add(object original, object copy) =>
        (_copies ??= new Dictionary<object, object>(ReferenceEqualityComparer.Instance))[original] = copy;

    public void Enter()
    {
        if (++_depth > WireLimits.MaxDepth)
        {
            throw WireLimits.TooDeep();
        }
    }

    public void Leave() => _depth--;
}
