using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Npgsql;

namespace XLLM.Testing.Postgres;

/// <summary>
/// A private PostgreSQL for tests: a data folder of its own under the temporary folder, a free port on the loopback address, no
/// password, no fsync. It runs as an unprivileged user when the tests run as root, ends when disposed of, and also when the test
/// process dies (its watcher reads a pipe from this process). <see cref="PostgresInstall.WhyAbsent"/> says why it cannot run.
/// </summary>
public sealed class PostgresServer : IAsyncDisposable
{
    // Ends the server when the pipe from the test process closes. $0 is the server's program.
    private const string Watcher = "\"$0\" \"$@\" </dev/null >/dev/null & pid=$!; cat >/dev/null; kill -INT $pid 2>/dev/null; wait $pid";
    private readonly PostgresInstall _install;
    private readonly string _folder;
    private Process? _watcher;
    private int _databases;

    private PostgresServer(PostgresInstall install, string folder, int port)
    {
        _install = install;
        _folder = folder;
        Port = port;
    }

    public int Port { get; }

    /// <summary>Of the database that every server has; <see cref="CreateDatabaseAsync"/> makes others.</summary>
    public string ConnectionString => ConnectionStringOf("postgres");

    private string Data => Path.Combine(_folder, "data");

    /// <summary>Makes the data folder (about 2 s) and starts the server.</summary>
    public static async Task<PostgresServer> StartAsync()
    {
        PostgresInstall install = PostgresInstall.Find() ?? throw new InvalidOperationException(PostgresInstall.WhyAbsent);
        string folder = Directory.CreateTempSubdirectory("xllm-pg-").FullName;
        PostgresServer server = new(install, folder, FreePort());
        try
        {
            await install.GiveToUserAsync(folder);
            await install.RunAsync("initdb", "-D", server.Data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync");
            await server.StartAgainAsync();
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>A new database with the scripts of deploy/postgres run in it; its connection string.</summary>
    public async Task<string> CreateDatabaseAsync()
    {
        string name = string.Create(CultureInfo.InvariantCulture, $"d{Interlocked.Increment(ref _databases)}");
        await ExecuteAsync(ConnectionString, $"CREATE DATABASE {name}");
        string connection = ConnectionStringOf(name);
        foreach (string script in Directory.GetFiles(Path.Combine(SharedData.Repository, "deploy", "postgres"), "*.sql").Order())
        {
            await ExecuteAsync(connection, await File.ReadAllTextAsync(script));
        }

        return connection;
    }

    /// <summary>Runs statements.</summary>
    public static async Task ExecuteAsync(string connection, string sql)
    {
        await using NpgsqlDataSource source = NpgsqlDataSource.Create(connection);
        await using NpgsqlCommand command = source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>Ends the server as a crash does (kill -9 of its main process; the others follow it).</summary>
    public async Task KillAsync()
    {
        if (_watcher is null)
        {
            return;
        }

        string pid = (await File.ReadAllLinesAsync(Path.Combine(Data, "postmaster.pid")))[0];
        using Process kill = Process.Start("kill", ["-9", pid]);
        await kill.WaitForExitAsync();
        await EndWatcherAsync();
    }

    /// <summary>Starts the server after <see cref="KillAsync"/> on the same port and data; completes when it takes connections.</summary>
    public async Task StartAgainAsync()
    {
        ProcessStartInfo start = _install.Command("sh", "-c", Watcher, _install.PathOf("postgres"), "-D", Data, "-p",
            Port.ToString(CultureInfo.InvariantCulture), "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=",
            "-c", "fsync=off", "-c", "logging_collector=off");
        start.RedirectStandardInput = true;
        start.RedirectStandardError = true;
        _watcher = Process.Start(start)!;
        TaskCompletionSource ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
        List<string> log = [];
        Lines.Read(_watcher.StandardError, line =>
        {
            log.Add(line ?? "(the server has ended)");
            if (line is null)
            {
                ready.TrySetException(new InvalidOperationException("PostgreSQL did not start:\n" + string.Join('\n', log)));
            }
            else if (line.Contains("ready to accept connections", StringComparison.Ordinal))
            {
                ready.TrySetResult();
            }
        });
        await ready.Task.Within("PostgreSQL takes connections");
    }

    public async ValueTask DisposeAsync()
    {
        await EndWatcherAsync();
        NpgsqlConnection.ClearAllPools();
        try
        {
            Directory.Delete(_folder, recursive: true);
        }
        catch (IOException)
        {
            // A process of the server is still about to end; the temporary folder is cleaned by the system.
        }
    }

    private static int FreePort()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private string ConnectionStringOf(string database) => string.Create(CultureInfo.InvariantCulture,
        $"Host=127.0.0.1;Port={Port};Username=postgres;Database={database};Timeout=3;Command Timeout=5;Maximum Pool Size=20");

    private async Task EndWatcherAsync()
    {
        if (_watcher is { } watcher)
        {
            _watcher = null;
            watcher.StandardInput.Close();
            await watcher.WaitForExitAsync().Within("PostgreSQL ends");
            watcher.Dispose();
        }
    }
}
