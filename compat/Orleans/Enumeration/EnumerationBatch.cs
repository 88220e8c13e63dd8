namespace Orleans.Runtime;

/// <summary>Items that were ready. None and not ended = a sign of life.</summary>
[GenerateSerializer]
internal sealed class EnumerationBatch
{
    [Id(0)]
    public object?[] Items { get; set; } = [];

    [Id(1)]
    public bool IsCompleted { get; set; }

    /// <summary>The activation does not know the enumeration (any more).</summary>
    [Id(2)]
    public bool IsMissing { get; set; }

    /// <summary>Thrown after the items.</summary>
    [Id(3)]
    public Exception? Error { get; set; }
}
