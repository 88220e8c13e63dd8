using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace XLLM.Cli.Cluster.Processes;

/// <summary>Processes of this machine: who lives, and signals to them.</summary>
internal static class ProcessTable
{
    /// <summary>The mark of a running process, or null when there is none; a zombie is none.</summary>
    public static ProcessMark? Find(int id)
    {
        if (OperatingSystem.IsLinux())
        {
            return StartOnLinux(id) is { } ticks ? new ProcessMark(id, ticks) : null;
        }

        try
        {
            using Process process = Process.GetProcessById(id);
            return process.HasExited ? null : new ProcessMark(id, process.StartTime.ToUniversalTime().Ticks);
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException or Win32Exception)
        {
            return null;
        }
    }

    public static bool IsAlive(ProcessMark? mark) => mark is not null && Find(mark.Id) == mark;

    /// <summary>Sends a signal; false when that process is gone. Throws <see cref="ClusterException"/> when it may not be done.</summary>
    public static bool Signal(ProcessMark mark, int signal)
    {
        if (!IsAlive(mark))
        {
            return false;
        }

        if (Kill(mark.Id, signal) == 0)
        {
            return true;
        }

        const int NoSuchProcess = 3;
        int error = Marshal.GetLastPInvokeError();
        return error == NoSuchProcess
            ? false
            : throw new ClusterException($"Signal {signal} to process {mark.Id} failed: {Marshal.GetPInvokeErrorMessage(error)}.");
    }

    /// <summary>Polls until it is gone or the time is over; true = gone.</summary>
    public static async Task<bool> WaitForExitAsync(ProcessMark mark, TimeSpan most, CancellationToken cancellationToken = default)
    {
        using PeriodicTimer tick = new(TimeSpan.FromMilliseconds(50));
        long started = Stopwatch.GetTimestamp();
        while (IsAlive(mark))
        {
            if (Stopwatch.GetElapsedTime(started) > most)
            {
                return false;
            }

            await tick.WaitForNextTickAsync(cancellationToken);
        }

        return true;
    }

    // Fields 3 (state) and 22 (start) of /proc/PID/stat; the name before them may hold anything, ')' too.
    private static long? StartOnLinux(int id)
    {
        try
        {
            string stat = File.ReadAllText($"/proc/{id.ToString(CultureInfo.InvariantCulture)}/stat");
            string[] fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            bool gone = fields[0] is "Z" or "X" or "x";
            return gone ? null : long.Parse(fields[19], CultureInfo.InvariantCulture);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Kill(int process, int signal);
}
