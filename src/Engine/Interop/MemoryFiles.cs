using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace XLLM.Engine.Interop;

/// <summary>Files in memory (memfd_create(2)).</summary>
internal static partial class MemoryFiles
{
    // linux/fcntl.h
    private const int GetSeals = 1024 + 10;
    private const int SealShrink = 2;

    /// <summary>Nobody can make the file shorter. False where the system has no seals.</summary>
    public static bool IsSealedAgainstShrinking(SafeFileHandle file)
    {
        if (!OperatingSystem.IsLinux())
        {
            return false;
        }

        int seals = FileControl(file, GetSeals);
        return seals >= 0 && (seals & SealShrink) != 0;
    }

    /// <summary>The user this process acts as.</summary>
    [LibraryImport("libc", EntryPoint = "geteuid")]
    public static partial uint EffectiveUser();

    [LibraryImport("libc", EntryPoint = "fcntl")]
    private static partial int FileControl(SafeFileHandle file, int command);
}
