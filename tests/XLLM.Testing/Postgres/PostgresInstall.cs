using System.Diagnostics;

namespace XLLM.Testing.Postgres;

/// <summary>The PostgreSQL programs of this machine: those on the PATH, else the newest under /usr/lib/postgresql.</summary>
public sealed class PostgresInstall
{
    private const string Root = "/usr/lib/postgresql";
    private static readonly Lazy<(PostgresInstall? Install, string? Why)> Found = new(Look);
    private readonly string _folder;
    private readonly string? _user;

    private PostgresInstall(string folder, string? user)
    {
        _folder = folder;
        _user = user;
    }

    /// <summary>Why no server can run here; null when one can.</summary>
    public static string? WhyAbsent => Found.Value.Why;

    public static PostgresInstall? Find() => Found.Value.Install;

    public string PathOf(string program) => Path.Combine(_folder, program);

    /// <summary>A command under the server's user.</summary>
    public ProcessStartInfo Command(string program, params string[] arguments) => _user is null
        ? new ProcessStartInfo(program, arguments)
        : new ProcessStartInfo("setpriv",
            [$"--reuid={_user}", $"--regid={_user}", "--clear-groups", "--inh-caps=-all", program, .. arguments]);

    /// <summary>Runs a program of PostgreSQL to its end; throws with what it said when it fails.</summary>
    public Task RunAsync(string program, params string[] arguments) => RunAsync(Command(PathOf(program), arguments));

    /// <summary>Makes the server's user the owner of a folder.</summary>
    public Task GiveToUserAsync(string folder) =>
        _user is null ? Task.CompletedTask : RunAsync(new ProcessStartInfo("chown", ["-R", $"{_user}:{_user}", folder]));

    private static async Task RunAsync(ProcessStartInfo start)
    {
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        string errors = await process.StandardError.ReadToEndAsync();
        await output;
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{start.FileName} ended with {process.ExitCode}: {errors}");
        }
    }

    private static (PostgresInstall? Install, string? Why) Look()
    {
        if (OperatingSystem.IsWindows())
        {
            return (null, "the private PostgreSQL of the tests runs on Linux and macOS only");
        }

        IEnumerable<string> folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':');
        if (Directory.Exists(Root))
        {
            folders = folders.Concat(Directory.GetDirectories(Root)
                .OrderByDescending(x => int.TryParse(Path.GetFileName(x), out int version) ? version : 0)
                .Select(x => Path.Combine(x, "bin")));
        }

        string? folder = folders.FirstOrDefault(x => Has(x, "initdb") && Has(x, "postgres"));
        if (folder is null)
        {
            return (null, $"needs PostgreSQL (initdb and postgres on the PATH or in {Root}/*/bin)");
        }

        if (!Environment.IsPrivilegedProcess)
        {
            return (new PostgresInstall(folder, null), null);
        }

        string[] users = [.. File.ReadLines("/etc/passwd").Select(x => x.Split(':')[0])];
        string[] groups = [.. File.ReadLines("/etc/group").Select(x => x.Split(':')[0])];
        string? user = new[] { "postgres", "nobody" }.FirstOrDefault(x => users.Contains(x) && groups.Contains(x));
        return user is null || !Has("/usr/bin", "setpriv")
            ? (null, "PostgreSQL refuses to run as root, and there is no user postgres or nobody, or no setpriv to become one")
            : (new PostgresInstall(folder, user), null);
    }

    private static bool Has(string folder, string program) => folder.Length > 0 && File.Exists(Path.Combine(folder, program));
}
