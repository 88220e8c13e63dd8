using XLLM.Engine.Interop.Raw;
using XLLM.Formats.Gguf;

namespace XLLM.Engine.Interop;

/// <summary>What the native library says of instruction sets and element types.</summary>
public static unsafe class NativeTypes
{
    /// <summary>True when this machine and build can run the path.</summary>
    public static bool IsSupported(EngineIsa isa)
    {
        NativeCall.EnsureLibrary();
        int supported;
        NativeCall.Check(NativeMethods.IsaSupported((int)isa, &supported));
        return supported != 0;
    }

    /// <summary>Elements and bytes of a block, or null for a type that the library cannot compute with.</summary>
    public static GgufLayout? FindLayout(GgufType type)
    {
        NativeCall.EnsureLibrary();
        int elements, bytes;
        int status = NativeMethods.TypeLayout((int)type, &elements, &bytes);
        if (status == (int)NativeStatus.Unsupported)
        {
            return null;
        }

        NativeCall.Check(status);
        return new GgufLayout(elements, bytes);
    }

    /// <summary>
    /// Values of whole blocks, float32. <paramref name="source"/> must have exactly the bytes of <paramref name="values"/>'s
    /// length. Errors: <see cref="NativeException"/>.
    /// </summary>
    public static void Dequantize(GgufType type, ReadOnlySpan<byte> source, Span<float> values)
    {
        NativeCall.EnsureLibrary();
        fixed (byte* from = source)
        fixed (float* to = values)
        {
            NativeCall.Check(NativeMethods.Dequantize((int)type, from, (ulong)source.Length, to, (ulong)values.Length));
        }
    }
}
