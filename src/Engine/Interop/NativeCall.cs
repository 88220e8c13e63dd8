using System.Runtime.InteropServices;
using XLLM.Engine.Interop.Raw;

namespace XLLM.Engine.Interop;

/// <summary>Turns statuses into exceptions, and checks once that the library is the one this code was written for.</summary>
internal static unsafe class NativeCall
{
    private static readonly Lazy<string?> Fault = new(FindFault);

    /// <summary>Throws <see cref="NativeException"/> when the library is missing or has another ABI.</summary>
    public static void EnsureLibrary()
    {
        if (Fault.Value is { } fault)
        {
            throw new NativeException(NativeStatus.Unsupported, fault);
        }
    }

    public static void Check(int status)
    {
        if (status != 0)
        {
            throw new NativeException((NativeStatus)status, LastError());
        }
    }

    private static string LastError() => Marshal.PtrToStringUTF8((nint)NativeMethods.LastError()) ?? "";

    private static string? FindFault()
    {
        try
        {
            int version = NativeMethods.GetAbiVersion();
            return version == NativeMethods.AbiVersion
                ? null
                : $"the native library has ABI version {version}, this program needs {NativeMethods.AbiVersion}: "
                    + "build both again";
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException or BadImageFormatException)
        {
            return $"the native library 'xllm' cannot be loaded: {e.Message}";
        }
    }
}
