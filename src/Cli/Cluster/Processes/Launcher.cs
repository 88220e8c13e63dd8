using System.ComponentModel;
using System.Diagnostics;

namespace XLLM.Cli.Cluster.Processes;

/// <summary>Starts this program again, with another command.</summary>
internal static class Launcher
{
    /// <summary>
    /// Starts it with its output appended to a file and nothing to read. <paramref name="detached"/>: in a session of its own,
    /// so that it outlives the terminal. The process is the caller's to dispose.
    /// </summary>
    /// <exception cref="ClusterException">It could not be started.</exception>
    public static Process Start(IEnumerable<string> arguments, string logFile, bool detached)
    {
        // The shell opens the log and becomes the program: same process, no pipe that a dead parent could break.
        string become = detached && OnPath("setsid") is { } setsid ? $"exec '{setsid}' \"$@\"" : "exec \"$@\"";
        ProcessStartInfo start = new("/bin/sh") { UseShellExecute = false };
        foreach (string argument in (string[])["-c", $"log=$1; shift; {become} </dev/null >>\"$log\" 2>&1", "sh", logFile])
        {
            start.ArgumentList.Add(argument);
        }

        foreach (string argument in Self().Concat(arguments))
        {
            start.ArgumentList.Add(argument);
        }

        try
        {
            return Process.Start(start) ?? throw new ClusterException("The process could not be started.");
        }
        catch (Win32Exception e)
        {
            throw new ClusterException($"The process could not be started: {e.Message}.");
        }
    }

    /// <summary>The command that runs this program: the host and its library, or an executable of its own.</summary>
    public static IReadOnlyList<string> Self()
    {
        string library = typeof(Launcher).Assembly.Location;
        string? host = Environment.ProcessPath;
        // A test's host is another program; there, dotnet runs our library.
        return host is not null && Path.GetFileNameWithoutExtension(host) == "xllm"
            ? [host]
            : [host is not null && Path.GetFileNameWithoutExtension(host) == "dotnet" ? host : "dotnet", library];
    }

    /// <summary>Full path of a tool, or null.</summary>
    public static string? OnPath(string tool) => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':')
        .Where(x => x.Length > 0).Select(x => Path.Combine(x, tool)).FirstOrDefault(File.Exists);
}
