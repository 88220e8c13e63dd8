using System.Globalization;

namespace Orleans.Storage;

[GrainType("sys.memorystorage")]
internal sealed class MemoryStorageGrain : Grain, IMemoryStorageGrain
{
    private readonly Dictionary<string, MemoryStorageRecord> _records = new(StringComparer.Ordinal);
    private long _lastETag;

    public Task<MemoryStorageRecord?> ReadAsync(string key) => Task.FromResult(_records.GetValueOrDefault(key));

    public Task<MemoryStorageResult> WriteAsync(string key, byte[] bytes, string? etag)
    {
        if (IsStale(key, etag, out var stored))
        {
            return Task.FromResult(stored);
        }

        // Unique over lives of this grain too, so that a lost and rewritten state is not taken for the old one.
        var next = $"{GrainContext.ActivationId}-{(++_lastETag).ToString(CultureInfo.InvariantCulture)}";
        _records[key] = new MemoryStorageRecord { Bytes = bytes, ETag = next };
        return Task.FromResult(new MemoryStorageResult { ETag = next });
    }

    public Task<MemoryStorageResult> DeleteAsync(string key, string? etag)
    {
        if (IsStale(key, etag, out var stored))
        {
            return Task.FromResult(stored);
        }

        _records.Remove(key);
        return Task.FromResult(new MemoryStorageResult());
    }

    private bool IsStale(string key, string? etag, out MemoryStorageResult stored)
    {
        var current = _records.GetValueOrDefault(key)?.ETag;
        stored = new MemoryStorageResult { IsStale = current != etag, ETag = current };
        return stored.IsStale;
    }
}
