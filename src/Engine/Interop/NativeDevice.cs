using System.Runtime.InteropServices;
using XLLM.Engine.Interop.Raw;

namespace XLLM.Engine.Interop;

/// <summary>A device: its kernels and its threads. What is made on it keeps it alive.</summary>
internal sealed unsafe class NativeDevice : IDisposable
{
    private NativeDevice(DeviceHandle handle, NativeDeviceInfo info)
    {
        Handle = handle;
        Isa = (EngineIsa)info.Isa;
        Threads = info.Threads;
        Name = Marshal.PtrToStringUTF8((nint)info.Name) ?? "";
    }

    public DeviceHandle Handle { get; }

    /// <summary>The path chosen.</summary>
    public EngineIsa Isa { get; }

    public int Threads { get; }

    public string Name { get; }

    /// <param name="threads">1 to 256, the calling thread included; 0 = the cores granted to the process.</param>
    public static NativeDevice CreateCpu(EngineIsa isa, int threads)
    {
        NativeCall.EnsureLibrary();
        var options = new NativeDeviceOptions { Size = (uint)sizeof(NativeDeviceOptions), Isa = (int)isa, Threads = threads };
        NativeCall.Check(NativeMethods.DeviceCreate(&options, out DeviceHandle handle));
        try
        {
            var info = new NativeDeviceInfo { Size = (uint)sizeof(NativeDeviceInfo) };
            NativeCall.Check(NativeMethods.DeviceDescribe(handle, &info));
            return new NativeDevice(handle, info);
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    /// <summary>e.g. <c>cpu avx512 2 threads</c>.</summary>
    public override string ToString() =>
        $"cpu {Isa.ToString().ToLowerInvariant()} {Threads} {(Threads == 1 ? "thread" : "threads")}";

    public void Dispose() => Handle.Dispose();
}
