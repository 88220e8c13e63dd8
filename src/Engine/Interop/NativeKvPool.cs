using System.Runtime.InteropServices;
using XLLM.Engine.Execution;
using XLLM.Engine.Interop.Raw;
using XLLM.Engine.Memory;
using XLLM.Scheduling.Pages;

namespace XLLM.Engine.Interop;

/// <summary>The KV blocks of a model on a device.</summary>
internal sealed unsafe class NativeKvPool : IPageRanges, IDisposable
{
    /// <summary>Flag of a pool whose blocks lie in a file in memory.</summary>
    public const int Shared = 1;

    private const int MapAhead = 1;

    private NativeKvPool(KvHandle handle)
    {
        Handle = handle;
        NativeKvInfo info = Describe();
        Mode = (KvMode)info.Mode;
        Count = info.Ranges;
        Blocks = info.RangeBlocks;
        MappingLimit = (int)Math.Min(info.MappingLimit, int.MaxValue);
        MemoryFile = info.MemoryFile;
        BlockBytes = info.BlockBytes;
        LayerBytes = info.LayerBytes;
        Data = (nint)info.Data;
        Extra = (nint)info.Extra;
        Reason = Marshal.PtrToStringUTF8((nint)info.Reason) ?? "";
    }

    public KvHandle Handle { get; }

    /// <summary>The mode in effect.</summary>
    public KvMode Mode { get; }

    /// <summary>Why the mode is plain although another was asked for; empty when it is as asked.</summary>
    public string Reason { get; }

    /// <summary>Descriptor of the file in memory that the blocks lie in; the pool's own. -1 = there is none.</summary>
    public int MemoryFile { get; }

    /// <summary>From a block to the next.</summary>
    public long BlockBytes { get; }

    /// <summary>Of one layer in a block.</summary>
    public long LayerBytes { get; }

    /// <summary>Address of block 0. Valid until the pool is disposed.</summary>
    public nint Data { get; }

    /// <summary>Address of the extra bytes; 0 = there are none.</summary>
    public nint Extra { get; }

    public int Count { get; }

    public int Blocks { get; }

    public int MappingLimit { get; }

    /// <summary>Bytes the pool holds on the device.</summary>
    public long Bytes => (long)NativeMethods.KvBytes(Handle);

    public PageRangeStats Stats
    {
        get
        {
            NativeKvInfo info = Describe();
            return new PageRangeStats(
                info.MapCalls, info.MappedBlocks, info.AheadMaps, info.AheadWaits, info.Repairs,
                TimeSpan.FromMicroseconds(info.MapNanoseconds / 1e3), TimeSpan.FromMicroseconds(info.WaitNanoseconds / 1e3),
                info.Mappings);
        }
    }

    public static NativeKvPool Create(NativeDevice device, NativeKvDesc desc)
    {
        desc.Size = (uint)sizeof(NativeKvDesc);
        NativeCall.Check(NativeMethods.KvCreate(device.Handle, &desc, out KvHandle handle));
        handle.Keep(device.Handle);
        return new NativeKvPool(handle);
    }

    public void Map(ReadOnlySpan<PageMapping> orders, bool ahead)
    {
        fixed (PageMapping* first = orders)
        {
            int status = NativeMethods.KvMap(Handle, first, orders.Length, ahead ? MapAhead : 0);

            // At the limit of mappings the step falls back to block lists by itself.
            if (status != (int)NativeStatus.OutOfMemory)
            {
                NativeCall.Check(status);
            }
        }
    }

    /// <summary>
    /// Makes the blocks of another pool's file the blocks first .. first + count - 1; -1 takes them away. No step may use them
    /// meanwhile.
    /// </summary>
    public void Attach(int file, int first, int count) => NativeCall.Check(NativeMethods.KvAttach(Handle, file, first, count));

    /// <summary>Copies a block in all layers. Not while a step runs.</summary>
    public void CopyBlock(int from, int to) => NativeCall.Check(NativeMethods.KvCopyBlock(Handle, from, to));

    public void Dispose() => Handle.Dispose();

    private NativeKvInfo Describe()
    {
        var info = new NativeKvInfo { Size = (uint)sizeof(NativeKvInfo) };
        NativeCall.Check(NativeMethods.KvDescribe(Handle, &info));
        return info;
    }
}
