using XLLM.Engine.Interop.Raw;

namespace XLLM.Engine.Interop;

/// <summary>The KV blocks of a model on a device.</summary>
internal sealed unsafe class NativeKvPool : IDisposable
{
    private NativeKvPool(KvHandle handle) => Handle = handle;

    public KvHandle Handle { get; }

    /// <summary>Bytes the pool holds on the device.</summary>
    public long Bytes => (long)NativeMethods.KvBytes(Handle);

    public static NativeKvPool Create(NativeDevice device, NativeKvDesc desc)
    {
        desc.Size = (uint)sizeof(NativeKvDesc);
        NativeCall.Check(NativeMethods.KvCreate(device.Handle, &desc, out KvHandle handle));
        handle.Keep(device.Handle);
        return new NativeKvPool(handle);
    }

    /// <summary>Copies a block in all layers. Not while a step runs.</summary>
    public void CopyBlock(int from, int to) => NativeCall.Check(NativeMethods.KvCopyBlock(Handle, from, to));

    public void Dispose() => Handle.Dispose();
}
