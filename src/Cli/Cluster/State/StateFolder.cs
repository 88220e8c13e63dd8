using System.Text.Json;
using System.Text.Json.Serialization;

namespace XLLM.Cli.Cluster.State;

/// <summary>
/// The folder of one cluster on this machine: what should run, what runs, secrets, configurations, logs and the database. Only
/// its owner may read it.
/// </summary>
internal sealed class StateFolder
{
    private static readonly JsonSerializerOptions Json = new()
    {
        WriteIndented = true,
        Converters = { new JsonStringEnumConverter() },
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    };

    private StateFolder(string path) => Root = path;

    public string Root { get; }

    public string Logs => Path.Combine(Root, "logs");

    public string SecretFile => Path.Combine(Root, "secret");

    public string MembershipFile => Path.Combine(Root, "membership.json");

    public string Postgres => Path.Combine(Root, "postgres");

    /// <summary>Files, batches and responses, shared by the gateways.</summary>
    public string Data => Path.Combine(Root, "data");

    public string LockFile => Path.Combine(Root, "supervisor.lock");

    private string SpecFile => Path.Combine(Root, "cluster.json");

    private string StateFile => Path.Combine(Root, "state.json");

    /// <summary>The folder at a path, or the user's; it need not exist.</summary>
    public static StateFolder At(string? path)
    {
        if (path is not null)
        {
            return new StateFolder(Path.GetFullPath(path));
        }

        // PostgreSQL does not run as root, and its own user cannot look into root's home.
        string data = Environment.UserName == "root"
            ? "/var/lib"
            : Environment.GetEnvironmentVariable("XDG_DATA_HOME") is { Length: > 0 } home
                ? home
                : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".local", "share");
        return new StateFolder(Path.Combine(data, "xllm", "cluster"));
    }

    public void Create()
    {
        Directory.CreateDirectory(Root);
        if (!OperatingSystem.IsWindows())
        {
            // Others may pass through, to reach the database's folder with its own rights, but not look around.
            File.SetUnixFileMode(
                Root, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
                    | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute);
        }

        Directory.CreateDirectory(Logs);
        Directory.CreateDirectory(Path.Combine(Root, "conf"));
        Directory.CreateDirectory(Path.Combine(Root, "kv"));
    }

    /// <summary>KV of an engine, kept for its next start.</summary>
    public string KvFileOf(string name) => Path.Combine(Root, "kv", name + ".kv");

    public string LogOf(string name) => Path.Combine(Logs, name + ".log");

    public string ConfigOf(string name) => Path.Combine(Root, "conf", name + ".json");

    /// <summary>Null when there is none. Throws <see cref="ClusterException"/> when it cannot be read.</summary>
    public ClusterSpec? ReadSpec() => Read<ClusterSpec>(SpecFile);

    public DateTime SpecChanged => File.GetLastWriteTimeUtc(SpecFile);

    public void Write(ClusterSpec spec) => WritePrivate(SpecFile, JsonSerializer.Serialize(spec, Json));

    public ClusterState ReadState() => Read<ClusterState>(StateFile) ?? ClusterState.Empty;

    public void Write(ClusterState state) => WritePrivate(StateFile, JsonSerializer.Serialize(state, Json));

    /// <summary>Forgets what ran; nothing of it may run any more.</summary>
    public void ForgetState()
    {
        File.Delete(StateFile);
        File.Delete(MembershipFile);
        File.Delete(MembershipFile + ".lock");
    }

    /// <summary>Writes a file whole or not at all, readable by its owner only.</summary>
    public static void WritePrivate(string path, string text)
    {
        string fresh = $"{path}.{Environment.ProcessId}.new";
        FileStreamOptions options = new() { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using (StreamWriter writer = new(fresh, options))
        {
            writer.Write(text);
        }

        File.Move(fresh, path, overwrite: true);
    }

    private static T? Read<T>(string path)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize<T>(File.ReadAllText(path), Json);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (JsonException e)
        {
            throw new ClusterException($"'{path}' cannot be read: {e.Message} Delete it when no process of the cluster runs.");
        }
    }
}
