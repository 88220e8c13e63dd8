using XLLM.Engine.Interop.Raw;
using XLLM.Formats.Gguf;

namespace XLLM.Engine.Interop;

/// <summary>A weight repacked on a device.</summary>
internal sealed unsafe class NativeWeight : IDisposable
{
    private NativeWeight(WeightHandle handle)
    {
        Handle = handle;
        Bytes = (long)NativeMethods.WeightBytes(handle);
    }

    public WeightHandle Handle { get; }

    /// <summary>Bytes it holds on the device.</summary>
    public long Bytes { get; }

    /// <summary>Copies [rows, columns] of <paramref name="type"/>; the data may go afterwards.</summary>
    public static NativeWeight Create(
        NativeDevice device, GgufType type, WeightUsage usage, long rows, long columns, byte* data, long bytes)
    {
        var desc = new NativeWeightDesc
        {
            Size = (uint)sizeof(NativeWeightDesc),
            Type = (int)type,
            Usage = (int)usage,
            Rows = rows,
            Cols = columns,
            Data = data,
            DataBytes = (ulong)bytes,
        };
        NativeCall.Check(NativeMethods.WeightCreate(device.Handle, &desc, out WeightHandle handle));
        handle.Keep(device.Handle);
        return new NativeWeight(handle);
    }

    public void Dispose() => Handle.Dispose();
}
