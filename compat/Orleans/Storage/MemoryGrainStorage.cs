using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Runtime;
using Orleans.Serialization;

namespace Orleans.Storage;

/// <summary>Keeps states, serialised, in a few grains: visible to all silos, gone with the silo that has the grain.</summary>
public class MemoryGrainStorage : IGrainStorage
{
    private readonly string _name;
    private readonly int _grains;
    private readonly IGrainFactory _factory;
    private readonly Serializer _serializer;

    internal MemoryGrainStorage(string name, MemoryGrainStorageOptions options, IGrainFactory factory, Serializer serializer)
    {
        _name = name;
        _grains = Math.Max(1, options.NumStorageGrains);
        _factory = factory;
        _serializer = serializer;
    }

    public virtual async Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var record = await GrainOf(stateName, grainId).ReadAsync(Key(stateName, grainId));
        grainState.State = record is null ? StateActivator.Create<T>() : _serializer.Deserialize<T>(record.Bytes);
        grainState.ETag = record?.ETag;
        grainState.RecordExists = record is not null;
    }

    public virtual async Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var bytes = _serializer.SerializeToArray(grainState.State);
        var result = await GrainOf(stateName, grainId).WriteAsync(Key(stateName, grainId), bytes, grainState.ETag);
        ThrowIfStale(result, stateName, grainId, grainState.ETag);
        grainState.ETag = result.ETag;
        grainState.RecordExists = true;
    }

    public virtual async Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var result = await GrainOf(stateName, grainId).DeleteAsync(Key(stateName, grainId), grainState.ETag);
        ThrowIfStale(result, stateName, grainId, grainState.ETag);
        grainState.State = StateActivator.Create<T>();
        grainState.ETag = null;
        grainState.RecordExists = false;
    }

    internal static MemoryGrainStorage Create(IServiceProvider services, string name) => new(
        name,
        services.GetRequiredService<IOptionsMonitor<MemoryGrainStorageOptions>>().Get(name),
        services.GetRequiredService<IGrainFactory>(),
        services.GetRequiredService<Serializer>());

    private static void ThrowIfStale(MemoryStorageResult result, string stateName, GrainId grainId, string? etag)
    {
        if (result.IsStale)
        {
            throw new InconsistentStateException(
                $"State '{stateName}' of {grainId} has changed since it was read.", result.ETag, etag);
        }
    }

    private string Key(string stateName, GrainId grainId) => $"{_name}/{stateName}/{grainId}";

    private IMemoryStorageGrain GrainOf(string stateName, GrainId grainId) =>
        _factory.GetGrain<IMemoryStorageGrain>(StableHash.ComputeHash(Key(stateName, grainId)) % (uint)_grains);
}
