using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;
using XLLM.Engine.Execution;
using XLLM.Engine.Interop.Raw;

namespace XLLM.Engine.Interop;

/// <summary>A device: its kernels and its threads. What is made on it keeps it alive.</summary>
internal sealed unsafe class NativeDevice : IDisposable
{
    // How the device's threads find the work: a handle costs nothing per call.
    private GCHandle _self;
    private IThreadWork? _work;
    private ExceptionDispatchInfo? _failure;

    private NativeDevice(DeviceHandle handle, NativeDeviceInfo info)
    {
        _self = GCHandle.Alloc(this, GCHandleType.Weak);
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

    /// <summary>
    /// Calls the work on every thread of the device and waits. Throws what one of them threw. One call or step at a time;
    /// takes no managed memory after each thread's first call.
    /// </summary>
    public void Run(IThreadWork work)
    {
        _work = work;
        int status = NativeMethods.DeviceRun(Handle, &RunWork, (void*)GCHandle.ToIntPtr(_self));
        _work = null;
        NativeCall.Check(status);
        if (Interlocked.Exchange(ref _failure, null) is { } failure)
        {
            failure.Throw();
        }
    }

    /// <summary>e.g. <c>cpu avx512 2 threads</c>.</summary>
    public override string ToString() =>
        $"cpu {Isa.ToString().ToLowerInvariant()} {Threads} {(Threads == 1 ? "thread" : "threads")}";

    public void Dispose()
    {
        Handle.Dispose();
        if (_self.IsAllocated)
        {
            _self.Free();
        }
    }

    // No exception may cross the border.
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void RunWork(void* context, int thread)
    {
        NativeDevice device = (NativeDevice)GCHandle.FromIntPtr((nint)context).Target!;
        try
        {
            device._work!.Run(thread);
        }
        catch (Exception exception)
        {
            device._failure = ExceptionDispatchInfo.Capture(exception);
        }
    }
}
