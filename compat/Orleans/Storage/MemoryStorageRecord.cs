namespace Orleans.Storage;

[GenerateSerializer, Immutable]
internal sealed record MemoryStorageRecord
{
    [Id(0)]
    public required byte[] Bytes { get; init; }

    [Id(1)]
    public required string ETag { get; init; }
}
