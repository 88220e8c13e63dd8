using System.Data;
using Npgsql;
using NpgsqlTypes;

namespace Orleans.Runtime;

/// <summary>A PostgreSQL with Orleans' tables. What is run is what its table OrleansQuery has under a key.</summary>
internal sealed class AdoNetDatabase : IAsyncDisposable, IDisposable
{
    public const string Provider = "Npgsql";
    private readonly NpgsqlDataSource _source;
    private readonly Dictionary<string, string> _queries;

    private AdoNetDatabase(NpgsqlDataSource source, Dictionary<string, string> queries)
    {
        _source = source;
        _queries = queries;
    }

    /// <summary>Throws when the options cannot lead to a database.</summary>
    public static void Validate(string what, string? invariant, string? connectionString)
    {
        if (invariant != Provider)
        {
            throw new OrleansConfigurationException($"{what}: Invariant is '{invariant}'; it must be '{Provider}'.");
        }

        if (string.IsNullOrWhiteSpace(connectionString))
        {
            throw new OrleansConfigurationException($"{what}: ConnectionString is empty; it must name a PostgreSQL database.");
        }
    }

    /// <summary>Reads the queries. Throws when one of the keys is missing.</summary>
    public static async Task<AdoNetDatabase> OpenAsync(string connectionString, params string[] keys)
    {
        var source = NpgsqlDataSource.Create(connectionString);
        try
        {
            var queries = new Dictionary<string, string>(StringComparer.Ordinal);
            await using (var command = source.CreateCommand("SELECT QueryKey, QueryText FROM OrleansQuery"))
            await using (var reader = await command.ExecuteReaderAsync().ConfigureAwait(false))
            {
                while (await reader.ReadAsync().ConfigureAwait(false))
                {
                    queries[reader.GetString(0)] = reader.GetString(1);
                }
            }

            var missing = keys.Where(k => !queries.ContainsKey(k)).ToArray();
            return missing.Length == 0
                ? new AdoNetDatabase(source, queries)
                : throw new OrleansConfigurationException(
                    $"The table OrleansQuery lacks {string.Join(", ", missing)}; the scripts of deploy/postgres write them.");
        }
        catch
        {
            await source.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    public static NpgsqlParameter Text(string name, string? value) => Parameter(name, NpgsqlDbType.Text, value);

    public static NpgsqlParameter Integer(string name, int? value) => Parameter(name, NpgsqlDbType.Integer, value);

    public static NpgsqlParameter Long(string name, long value) => Parameter(name, NpgsqlDbType.Bigint, value);

    public static NpgsqlParameter Bytes(string name, byte[]? value) => Parameter(name, NpgsqlDbType.Bytea, value);

    public static NpgsqlParameter Time(string name, DateTime value) =>
        Parameter(name, NpgsqlDbType.TimestampTz, value.Kind == DateTimeKind.Utc ? value : DateTime.SpecifyKind(value, DateTimeKind.Utc));

    public async Task ExecuteAsync(string key, params NpgsqlParameter[] parameters) =>
        await ReadAsync(key, _ => 0, parameters).ConfigureAwait(false);

    public async Task<List<T>> ReadAsync<T>(string key, Func<IDataRecord, T> read, params NpgsqlParameter[] parameters)
    {
        try
        {
            return await RunAsync(key, read, parameters).ConfigureAwait(false);
        }
        catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown)
        {
            // A pooled connection of before the server's restart: nothing was run.
            return await RunAsync(key, read, parameters).ConfigureAwait(false);
        }
    }

    private async Task<List<T>> RunAsync<T>(string key, Func<IDataRecord, T> read, NpgsqlParameter[] parameters)
    {
        await using var command = Command(key, parameters);
        await using var reader = await command.ExecuteReaderAsync().ConfigureAwait(false);
        var rows = new List<T>();
        while (await reader.ReadAsync().ConfigureAwait(false))
        {
            rows.Add(read(reader));
        }

        return rows;
    }

    /// <summary>The single value is above 0.</summary>
    public async Task<bool> TryWriteAsync(string key, params NpgsqlParameter[] parameters) =>
        (await ReadAsync(key, r => Convert.ToInt64(r.GetValue(0), null) > 0, parameters).ConfigureAwait(false)).FirstOrDefault();

    public ValueTask DisposeAsync() => _source.DisposeAsync();

    public void Dispose() => _source.Dispose();

    private static NpgsqlParameter Parameter(string name, NpgsqlDbType type, object? value) =>
        new(name, type) { Value = value ?? DBNull.Value };

    private NpgsqlCommand Command(string key, NpgsqlParameter[] parameters)
    {
        var command = _source.CreateCommand(_queries[key]);
        foreach (var parameter in parameters)
        {
            command.Parameters.Add(parameter.Clone());
        }

        return command;
    }
}
