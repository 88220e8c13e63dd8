using System.Diagnostics;
using System.Globalization;
using XLLM.Cli.Cluster.Processes;

namespace XLLM.Cli.Cluster.Postgres;

/// <summary>PostgreSQL's programs on this machine, and the user they run as: it refuses to run as root.</summary>
internal sealed class PostgresPrograms
{
    private readonly string _folder;
    private readonly string? _user;

    private PostgresPrograms(string folder, string? user) => (_folder, _user) = (folder, user);

    /// <summary>Throws <see cref="ClusterException"/> with how to get it.</summary>
    public static PostgresPrograms Find() => TryFind(out PostgresPrograms? found) is { } why ? throw new ClusterException(why) : found!;

    /// <summary>Null and the programs, or why there are none.</summary>
    public static string? TryFind(out PostgresPrograms? found)
    {
        found = null;
        string? folder = Folders().FirstOrDefault(x => File.Exists(Path.Combine(x, "initdb")) && File.Exists(Path.Combine(x, "pg_ctl")));
        if (folder is null)
        {
            return "PostgreSQL is not installed. Install it (apt-get install postgresql, dnf install postgresql-server, "
                + "brew install postgresql), name a running one with --postgres CONNSTR, or use --membership file for a cluster on "
                + "this machine.";
        }

        if (Environment.UserName != "root")
        {
            found = new PostgresPrograms(folder, null);
            return null;
        }

        string? user = new[] { "postgres", "nobody" }.FirstOrDefault(x => HasLine("/etc/passwd", x) && HasLine("/etc/group", x));
        if (user is null || Launcher.OnPath("setpriv") is null)
        {
            return "PostgreSQL does not run as root, and there is no user postgres or no program setpriv to become it. Run as "
                + "another user, or use --postgres CONNSTR or --membership file.";
        }

        found = new PostgresPrograms(folder, user);
        return null;
    }

    /// <summary>Makes a folder that PostgreSQL's user owns and nobody else reads.</summary>
    public async Task MakeFolderAsync(string path, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(path);
        if (_user is null)
        {
            if (!OperatingSystem.IsWindows())
            {
                File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            }

            return;
        }

        await RunAsync(new ProcessStartInfo("chown", [$"{_user}:{_user}", path]), cancellationToken);
        await RunAsync(new ProcessStartInfo("chmod", ["700", path]), cancellationToken);
        try
        {
            await RunAsync(As("test", ["-w", path]), cancellationToken);
        }
        catch (ClusterException)
        {
            throw new ClusterException(
                $"PostgreSQL runs as user '{_user}', who cannot reach '{path}'. Give --state a folder that others may pass through, "
                + "e.g. under /var/lib or /tmp.");
        }
    }

    /// <summary>Gives a file to PostgreSQL's user.</summary>
    public Task GiveAsync(string path, CancellationToken cancellationToken) => _user is null
        ? Task.CompletedTask
        : RunAsync(new ProcessStartInfo("chown", [$"{_user}:{_user}", path]), cancellationToken);

    /// <summary>Runs one of its programs to the end; throws <see cref="ClusterException"/> with what it said when it fails.</summary>
    public Task RunAsync(string program, string[] arguments, CancellationToken cancellationToken) =>
        RunAsync(As(Path.Combine(_folder, program), arguments), cancellationToken);

    /// <summary>Whether the program ends with status 0.</summary>
    public async Task<bool> SucceedsAsync(string program, string[] arguments, CancellationToken cancellationToken)
    {
        try
        {
            await RunAsync(program, arguments, cancellationToken);
            return true;
        }
        catch (ClusterException)
        {
            return false;
        }
    }

    private ProcessStartInfo As(string program, string[] arguments) => _user is null
        ? new ProcessStartInfo(program, arguments)
        : new ProcessStartInfo("setpriv", [$"--reuid={_user}", $"--regid={_user}", "--clear-groups", program, .. arguments]);

    private static async Task RunAsync(ProcessStartInfo start, CancellationToken cancellationToken)
    {
        // A server that stays keeps its parent's pipes: what it says goes to a file, and reading ends with the program itself.
        string said = Path.GetTempFileName();
        try
        {
            ProcessStartInfo shell = new("/bin/sh") { UseShellExecute = false, WorkingDirectory = "/" };
            foreach (string argument in (string[])["-c", "log=$1; shift; exec \"$@\" </dev/null >\"$log\" 2>&1", "sh", said])
            {
                shell.ArgumentList.Add(argument);
            }

            shell.ArgumentList.Add(start.FileName);
            foreach (string argument in start.ArgumentList)
            {
                shell.ArgumentList.Add(argument);
            }

            using Process process = Process.Start(shell)!;
            await process.WaitForExitAsync(cancellationToken);
            if (process.ExitCode != 0)
            {
                string text = (await File.ReadAllTextAsync(said, CancellationToken.None)).Trim();
                throw new ClusterException(
                    $"{Path.GetFileName(start.FileName)} {string.Join(' ', start.ArgumentList)} ended with {process.ExitCode}: {text}");
            }
        }
        finally
        {
            File.Delete(said);
        }
    }

    private static IEnumerable<string> Folders()
    {
        IEnumerable<string> onPath = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Where(x => x.Length > 0);
        const string Debian = "/usr/lib/postgresql";
        IEnumerable<string> versions = Directory.Exists(Debian)
            ? Directory.GetDirectories(Debian)
                .OrderByDescending(x => int.TryParse(Path.GetFileName(x), CultureInfo.InvariantCulture, out int v) ? v : 0)
                .Select(x => Path.Combine(x, "bin"))
            : [];
        return [.. onPath, .. versions, "/usr/local/opt/postgresql/bin", "/opt/homebrew/opt/postgresql/bin"];
    }

    private static bool HasLine(string file, string name) =>
        File.Exists(file) && File.ReadLines(file).Any(x => x.StartsWith(name + ":", StringComparison.Ordinal));
}
