using System.Data;
using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Npgsql;
using Orleans.Configuration;
using Orleans.Runtime;
using Orleans.Serialization;

namespace Orleans.Storage;

/// <summary>
/// Grain states in a database, in Orleans' table. The ETag is the row's version. A state is found by service id, state name and
/// key; the grain type is not part of it. Payloads are in the stand-in's own wire format.
/// </summary>
public class AdoNetGrainStorage : IGrainStorage, ILifecycleParticipant<ISiloLifecycle>, IDisposable
{
    private static readonly string[] Keys = ["WriteToStorageKey", "ReadFromStorageKey", "ClearStorageKey", "DeleteStorageKey"];
    private readonly string _name;
    private readonly string _serviceId;
    private readonly AdoNetGrainStorageOptions _options;
    private readonly Serializer _serializer;
    private AdoNetDatabase? _database;

    internal AdoNetGrainStorage(string name, string serviceId, AdoNetGrainStorageOptions options, Serializer serializer)
    {
        _name = name;
        _serviceId = serviceId;
        _options = options;
        _serializer = serializer;
    }

    private AdoNetDatabase Database =>
        _database ?? throw new InvalidOperationException($"Grain storage '{_name}' is used before the silo has started it.");

    public void Participate(ISiloLifecycle lifecycle) => lifecycle.Subscribe<AdoNetGrainStorage>(
        ServiceLifecycleStage.ApplicationServices,
        async _ => _database = await AdoNetDatabase.OpenAsync(_options.ConnectionString!, Keys).ConfigureAwait(false),
        _ => Task.CompletedTask);

    public async Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        ArgumentNullException.ThrowIfNull(grainState);
        var rows = await Database.ReadAsync("ReadFromStorageKey", ReadRow, Row(stateName, grainId));
        var (payload, version) = rows.Count > 0 ? rows[0] : (null, null);
        grainState.State = payload is null ? StateActivator.Create<T>() : _serializer.Deserialize<T>(payload);
        grainState.ETag = version?.ToString(CultureInfo.InvariantCulture);
        grainState.RecordExists = payload is not null;
    }

    public async Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        ArgumentNullException.ThrowIfNull(grainState);
        var rows = await Database.ReadAsync(
            "WriteToStorageKey",
            VersionOf,
            [
                .. Row(stateName, grainId), ETag(grainState.ETag),
                AdoNetDatabase.Bytes("PayloadBinary", _serializer.SerializeToArray(grainState.State)),
            ]);
        grainState.ETag = Check("write", stateName, grainId, grainState.ETag, rows);
        grainState.RecordExists = true;
    }

    public async Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        ArgumentNullException.ThrowIfNull(grainState);
        if (!grainState.RecordExists && string.IsNullOrWhiteSpace(grainState.ETag))
        {
            await ReadStateAsync(stateName, grainId, grainState);
            if (!grainState.RecordExists)
            {
                return;
            }
        }

        var key = _options.DeleteStateOnClear ? "DeleteStorageKey" : "ClearStorageKey";
        var rows = await Database.ReadAsync(key, VersionOf, [.. Row(stateName, grainId), ETag(grainState.ETag)]);
        var etag = Check("clear", stateName, grainId, grainState.ETag, rows);
        grainState.ETag = _options.DeleteStateOnClear ? null : etag;
        grainState.RecordExists = false;
        grainState.State = StateActivator.Create<T>();
    }

    public void Dispose()
    {
        _database?.Dispose();
        GC.SuppressFinalize(this);
    }

    internal static AdoNetGrainStorage Create(IServiceProvider services, string name) => new(
        name,
        services.GetRequiredService<IOptions<ClusterOptions>>().Value.ServiceId,
        services.GetRequiredService<IOptionsMonitor<AdoNetGrainStorageOptions>>().Get(name),
        services.GetRequiredService<Serializer>());

    private static NpgsqlParameter ETag(string? etag) => AdoNetDatabase.Integer(
        "GrainStateVersion", string.IsNullOrWhiteSpace(etag) ? null : int.Parse(etag, CultureInfo.InvariantCulture));

    private static int? VersionOf(IDataRecord row) => row.IsDBNull(0) ? null : row.GetInt32(0);

    private static (byte[]? Payload, int? Version) ReadRow(IDataRecord row)
    {
        var payload = row.GetOrdinal("PayloadBinary");
        var version = row.GetOrdinal("Version");
        return (row.IsDBNull(payload) ? null : (byte[])row.GetValue(payload), row.IsDBNull(version) ? null : row.GetInt32(version));
    }

    // The version that was given back, or nothing, says that nothing was written.
    private string Check(string operation, string stateName, GrainId grainId, string? etag, List<int?> rows)
    {
        var stored = rows.Count > 0 ? rows[0]?.ToString(CultureInfo.InvariantCulture) : null;
        return stored is not null && stored != etag
            ? stored
            : throw new InconsistentStateException(
                $"State '{stateName}' of {grainId} has changed since it was read (storage '{_name}', {operation}).", stored, etag);
    }

    private NpgsqlParameter[] Row(string stateName, GrainId grainId)
    {
        var key = AdoNetGrainKey.Of(grainId);
        return
        [
            AdoNetDatabase.Integer("GrainIdHash", key.Hash),
            AdoNetDatabase.Long("GrainIdN0", key.N0),
            AdoNetDatabase.Long("GrainIdN1", key.N1),
            AdoNetDatabase.Integer("GrainTypeHash", AdoNetGrainKey.HashOf(stateName)),
            AdoNetDatabase.Text("GrainTypeString", stateName),
            AdoNetDatabase.Text("GrainIdExtensionString", key.Text),
            AdoNetDatabase.Text("ServiceId", _serviceId),
        ];
    }
}
