namespace Orleans.Storage;

/// <summary>Holds a share of the states of memory storages.</summary>
internal interface IMemoryStorageGrain : IGrainWithIntegerKey
{
    Task<MemoryStorageRecord?> ReadAsync(string key);

    /// <summary>Writes when <paramref name="etag"/> is the stored one (null = none is stored).</summary>
    Task<MemoryStorageResult> WriteAsync(string key, [Immutable] byte[] bytes, string? etag);

    Task<MemoryStorageResult> DeleteAsync(string key, string? etag);
}
