using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using Npgsql;
using XLLM.Cli.Cluster.Processes;
using XLLM.Cli.Cluster.State;

namespace XLLM.Cli.Cluster.Postgres;

/// <summary>
/// The cluster's own database server: data in the state folder, a free port of the loopback address, a password that only the
/// owner of the folder can read. Runs on its own, without a parent.
/// </summary>
internal sealed class OwnPostgres(StateFolder folder, PostgresPrograms programs)
{
    private const string User = "xllm";

    private string Data => Path.Combine(folder.Postgres, "data");

    private string PasswordFile => Path.Combine(folder.Root, "postgres-password");

    /// <summary>Makes what is missing and starts the server unless it runs; its connection string.</summary>
    public async Task<string> StartAsync(CancellationToken cancellationToken)
    {
        await programs.MakeFolderAsync(folder.Postgres, cancellationToken);
        if (!File.Exists(PasswordFile))
        {
            if (Directory.Exists(Data))
            {
                throw new ClusterException($"'{PasswordFile}' is gone, so nobody can log in to '{Data}'. Delete '{folder.Postgres}'.");
            }

            StateFolder.WritePrivate(PasswordFile, RandomNumberGenerator.GetHexString(32));
        }

        string password = (await File.ReadAllTextAsync(PasswordFile, cancellationToken)).Trim();
        // Our own user, or root: either can look into the folder.
        if (!File.Exists(Path.Combine(Data, "PG_VERSION")))
        {
            await InitialiseAsync(password, cancellationToken);
        }

        if (!await RunsAsync(cancellationToken))
        {
            int port = PortBefore() ?? FreePorts.Take(1)[0];
            // fsync stays on: a membership that is lost with the machine's power would be a split cluster.
            string options = string.Create(
                CultureInfo.InvariantCulture,
                $"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c max_connections=200 -c shared_buffers=16MB");
            await programs.RunAsync(
                "pg_ctl", ["-D", Data, "-l", Path.Combine(folder.Postgres, "server.log"), "-w", "-t", "60", "-o", options, "start"],
                cancellationToken);
        }

        return new NpgsqlConnectionStringBuilder
        {
            Host = "127.0.0.1",
            Port = PortOf(await RunningPortAsync(cancellationToken)),
            Username = User,
            Password = password,
            Database = "postgres",
            MaxPoolSize = 10,
            Timeout = 5,
        }.ConnectionString;
    }

    /// <summary>Kills it with signal 9, as a crash would; nothing when it does not run.</summary>
    public async Task KillAsync(CancellationToken cancellationToken)
    {
        string[] lines = await File.ReadAllLinesAsync(Path.Combine(Data, "postmaster.pid"), cancellationToken);
        if (int.TryParse(lines[0], NumberStyles.None, CultureInfo.InvariantCulture, out int id) && ProcessTable.Find(id) is { } process)
        {
            ProcessTable.Signal(process, Signals.Kill);
            await ProcessTable.WaitForExitAsync(process, TimeSpan.FromSeconds(5), cancellationToken);
        }
    }

    /// <summary>Stops it; nothing when it does not run.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (Directory.Exists(folder.Postgres) && await RunsAsync(cancellationToken))
        {
            await programs.RunAsync("pg_ctl", ["-D", Data, "-w", "-t", "60", "-m", "fast", "stop"], cancellationToken);
        }
    }

    public Task<bool> RunsAsync(CancellationToken cancellationToken) =>
        programs.SucceedsAsync("pg_ctl", ["-D", Data, "status"], cancellationToken);

    // Silos that run look for it where it was.
    private int? PortBefore() =>
        folder.ReadSpec() is { OwnPostgres: true } spec
        && new NpgsqlConnectionStringBuilder(spec.ConnectionString).Port is var port
        && !FreePorts.IsTaken(IPAddress.Loopback, port)
            ? port
            : null;

    private async Task InitialiseAsync(string password, CancellationToken cancellationToken)
    {
        string file = Path.Combine(folder.Postgres, "initial-password");
        StateFolder.WritePrivate(file, password);
        try
        {
            await programs.GiveAsync(file, cancellationToken);
            await programs.RunAsync(
                "initdb",
                ["-D", Data, "-U", User, "--pwfile=" + file, "--auth=scram-sha-256", "--encoding=UTF8", "--no-locale", "--no-sync"],
                cancellationToken);
        }
        finally
        {
            File.Delete(file);
        }
    }

    // Line 4 of the server's own file: the port. Readable by its user, and by root.
    private async Task<string> RunningPortAsync(CancellationToken cancellationToken)
    {
        string[] lines = await File.ReadAllLinesAsync(Path.Combine(Data, "postmaster.pid"), cancellationToken);
        return lines.Length > 3 ? lines[3] : "";
    }

    private int PortOf(string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int port)
        ? port
        : throw new ClusterException($"PostgreSQL in '{Data}' does not say its port; see '{folder.Postgres}/server.log'.");
}
