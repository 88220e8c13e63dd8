namespace Orleans.Storage;

/// <summary>The new ETag, or, when stale, the one that is stored.</summary>
[GenerateSerializer, Immutable]
internal sealed record MemoryStorageResult
{
    [Id(0)]
    public bool IsStale { get; init; }

    [Id(1)]
    public string? ETag { get; init; }
}
