using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace XLLM.Gateway.Storage;

/// <summary>Makes what was written stay, also when the power goes.</summary>
internal static class DurableDisk
{
    /// <summary>
    /// Gives a finished file its name: its bytes are on the disk before it has the name, and the name is there when this returns.
    /// </summary>
    /// <param name="handle">The file under its temporary name, open for writing; closed here.</param>
    /// <param name="from">Its temporary path, in the same file system.</param>
    /// <param name="to">Its path.</param>
    public static void Publish(SafeFileHandle handle, string from, string to)
    {
        RandomAccess.FlushToDisk(handle);
        handle.Dispose();
        File.Move(from, to, overwrite: true);
        FlushFolder(Path.GetDirectoryName(to)!);
    }

    /// <summary>Brings the names in a folder to the disk (POSIX: fsync of the directory); nothing to do on Windows.</summary>
    public static void FlushFolder(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        int folder = Open(Encoding.UTF8.GetBytes(path + '\0'), 0);
        if (folder < 0)
        {
            throw new IOException($"'{path}' cannot be opened: error {Marshal.GetLastPInvokeError()}.");
        }

        int result = Flush(folder);
        int error = Marshal.GetLastPInvokeError();
        _ = Close(folder);
        if (result != 0)
        {
            throw new IOException($"'{path}' cannot be brought to the disk: error {error}.");
        }
    }

    [DllImport("libc", EntryPoint = "open", SetLastError = true)]
    private static extern int Open(byte[] path, int flags);

    [DllImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static extern int Flush(int file);

    [DllImport("libc", EntryPoint = "close", SetLastError = true)]
    private static extern int Close(int file);
}
