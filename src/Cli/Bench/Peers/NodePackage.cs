using System.Runtime.InteropServices;
using System.Text.Json;
using XLLM.Cli.Bench.Points;
using XLLM.Cli.Terminal;

namespace XLLM.Cli.Bench.Peers;

/// <summary>
/// The npm package node-llama-cpp, which carries llama.cpp built for every x86 generation, and our script that drives it. Kept in
/// a cache folder; only the build for this system's CPU is fetched.
/// </summary>
internal sealed class NodePackage
{
    public const string Version = "3.22.1";

    private const long ExpectedBytes = 110_000_000;
    private const string Script = "llama-cpp.mjs";

    private NodePackage(string folder) => Folder = folder;

    public string Folder { get; }

    public string ScriptPath => Path.Combine(Folder, Script);

    /// <summary>Downloads once, with progress.</summary>
    /// <exception cref="PeerException">Node or npm is missing, or npm failed; its last words are in the message.</exception>
    public static async Task<NodePackage> GetAsync(string cache, ProgressLine progress, CancellationToken cancellationToken)
    {
        await NeedAsync("node", cancellationToken);
        NodePackage package = new(Path.Combine(cache, "node-llama-cpp-" + Version));
        if (InstalledVersion(package.Folder) != Version)
        {
            await NeedAsync("npm", cancellationToken);
            await package.InstallAsync(progress, cancellationToken);
        }

        await File.WriteAllTextAsync(package.ScriptPath, ReadScript(), cancellationToken);
        return package;
    }

    /// <summary><c>XLLM_CACHE</c>, else the user's cache folder.</summary>
    public static string DefaultCache()
    {
        string? own = Environment.GetEnvironmentVariable("XLLM_CACHE");
        string? xdg = Environment.GetEnvironmentVariable("XDG_CACHE_HOME");
        string root = own is { Length: > 0 } ? own
            : Path.Combine(xdg is { Length: > 0 } ? xdg : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache"), "xllm");
        return Path.Combine(root, "peers");
    }

    private static string? InstalledVersion(string folder)
    {
        string file = Path.Combine(folder, "node_modules", "node-llama-cpp", "package.json");
        if (!File.Exists(file))
        {
            return null;
        }

        try
        {
            using JsonDocument document = JsonDocument.Parse(File.ReadAllText(file));
            return document.RootElement.GetProperty("version").GetString();
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return null; // half a file: installed again
        }
    }

    private static async Task NeedAsync(string program, CancellationToken cancellationToken)
    {
        try
        {
            await PeerProcess.RunAsync(program, ["--version"], Path.GetTempPath(), cancellationToken);
        }
        catch (PeerException e)
        {
            throw new PeerException(
                $"--peer llama.cpp needs Node.js 20 or later with npm (https://nodejs.org), but '{program}' does not run: {e.Message} "
                + "Or give a build of llama.cpp: --peer PATH.");
        }
    }

    private static string ReadScript()
    {
        using Stream stream = typeof(NodePackage).Assembly.GetManifestResourceStream(Script)
            ?? throw new InvalidOperationException($"{Script} is not in the assembly.");
        using StreamReader reader = new(stream);
        return reader.ReadToEnd();
    }

    private static string PlatformPackage() => (RuntimeInformation.OSArchitecture, OperatingSystem.IsLinux(), OperatingSystem.IsMacOS()) switch
    {
        (Architecture.X64, true, _) => "linux-x64",
        (Architecture.Arm64, true, _) => "linux-arm64",
        (Architecture.X64, _, true) => "mac-x64",
        (Architecture.Arm64, _, true) => "mac-arm64-metal",
        (Architecture.X64, false, false) => "win-x64",
        (Architecture.Arm64, false, false) => "win-arm64",
        var (architecture, _, _) => throw new PeerException($"node-llama-cpp has no build for {architecture}; give a build of llama.cpp: --peer PATH."),
    };

    // Installed beside and moved, so that a broken download is never taken for a package.
    private async Task InstallAsync(ProgressLine progress, CancellationToken cancellationToken)
    {
        string partial = Folder + $".part-{Environment.ProcessId}";
        Directory.CreateDirectory(partial);
        try
        {
            await File.WriteAllTextAsync(
                Path.Combine(partial, "package.json"), """{"name": "xllm-bench-peer", "private": true}""", cancellationToken);
            Task<string> npm = PeerProcess.RunAsync(
                "npm",
                ["install", "--no-audit", "--no-fund", "--ignore-scripts", "--omit=optional", $"node-llama-cpp@{Version}", $"@node-llama-cpp/{PlatformPackage()}@{Version}"],
                partial,
                cancellationToken);
            using PeriodicTimer tick = new(TimeSpan.FromMilliseconds(500));
            while (await Task.WhenAny(npm, tick.WaitForNextTickAsync(cancellationToken).AsTask()) != npm)
            {
                progress.Report($"installing node-llama-cpp {Version}", Math.Min(BytesIn(partial), ExpectedBytes - 1), ExpectedBytes);
            }

            progress.EndLine();
            await npm;
            if (Directory.Exists(Folder))
            {
                Directory.Delete(Folder, recursive: true);
            }

            Directory.Move(partial, Folder);
        }
        catch (PeerException e)
        {
            throw new PeerException($"node-llama-cpp {Version} could not be installed; npm needs the network once. {e.Message}");
        }
        finally
        {
            if (Directory.Exists(partial))
            {
                Directory.Delete(partial, recursive: true);
            }
        }
    }

    // npm renames while this looks.
    private static long BytesIn(string folder)
    {
        try
        {
            return new DirectoryInfo(folder).EnumerateFiles("*", SearchOption.AllDirectories).Sum(f => f.Length);
        }
        catch (IOException)
        {
            return 0;
        }
    }
}
