using Microsoft.Data.Sqlite;
using XLLM.Contracts.Configuration;

namespace XLLM.Gateway.Storage;

/// <summary>
/// The SQLite database of a <see cref="DataFolder"/>, shared by the gateways of one machine (write-ahead log; a commit is on the
/// disk when it returns). Network file systems are not supported: SQLite's log needs memory that all its processes share. Any
/// thread; a connection belongs to who opened it.
/// </summary>
internal sealed class GatewayDatabase
{
    private const int Version = 1;
    private const int BusySeconds = 30;

    private readonly string _connection;

    /// <exception cref="OptionsException">It cannot be opened, or is of a later version.</exception>
    public GatewayDatabase(DataFolder folder)
    {
        _connection = new SqliteConnectionStringBuilder
        {
            DataSource = folder.Database, Mode = SqliteOpenMode.ReadWriteCreate, DefaultTimeout = BusySeconds, Pooling = true,
        }.ToString();
        try
        {
            Prepare();
        }
        catch (SqliteException exception)
        {
            throw new OptionsException([$"Gateway:DataFolder: '{folder.Database}' cannot be opened: {exception.Message}"]);
        }
    }

    public SqliteConnection Open()
    {
        var connection = new SqliteConnection(_connection);
        connection.Open();
        Run(connection, "PRAGMA synchronous=FULL");
        return connection;
    }

    /// <summary>A statement with its parameters, name and value in turn; null = SQL's NULL.</summary>
    public static SqliteCommand Command(SqliteConnection connection, string sql, params ReadOnlySpan<object?> parameters)
    {
        SqliteCommand command = connection.CreateCommand();
        command.CommandText = sql;
        for (int i = 0; i + 1 < parameters.Length; i += 2)
        {
            command.Parameters.AddWithValue((string)parameters[i]!, parameters[i + 1] ?? DBNull.Value);
        }

        return command;
    }

    /// <summary>Runs a statement; gives the number of rows it changed.</summary>
    public static int Run(SqliteConnection connection, string sql, params ReadOnlySpan<object?> parameters)
    {
        using SqliteCommand command = Command(connection, sql, parameters);
        return command.ExecuteNonQuery();
    }

    /// <summary>A single value; null = no row, or NULL.</summary>
    public static object? Scalar(SqliteConnection connection, string sql, params ReadOnlySpan<object?> parameters)
    {
        using SqliteCommand command = Command(connection, sql, parameters);
        return command.ExecuteScalar() is { } value and not DBNull ? value : null;
    }

    private void Prepare()
    {
        using SqliteConnection connection = Open();
        Run(connection, "PRAGMA journal_mode=WAL");
        using SqliteTransaction transaction = connection.BeginTransaction();
        long version = (long)Scalar(connection, "PRAGMA user_version")!;
        if (version > Version)
        {
            throw new OptionsException(
            [
                $"Gateway:DataFolder: '{connection.DataSource}' is of version {version}; "
                + $"this program knows versions up to {Version}.",
            ]);
        }

        if (version < 1)
        {
            Run(connection, GatewaySchema.Version1);
            Run(connection, $"PRAGMA user_version={Version}");
        }

        transaction.Commit();
    }
}
