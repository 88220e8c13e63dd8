using System.Collections.Immutable;
using System.Runtime.InteropServices;

namespace XLLM.Formats.Safetensors;

/// <summary>A tensor of a safetensors file; its data is read through the file, which must be open.</summary>
public sealed class SafetensorsTensor
{
    private readonly MappedFile _file;

    internal SafetensorsTensor(
        MappedFile file, string name, SafetensorsType type, ImmutableArray<long> shape, long offset, long bytes)
    {
        _file = file;
        Name = name;
        Type = type;
        Shape = shape;
        Offset = offset;
        Bytes = bytes;
    }

    public string Name { get; }

    public SafetensorsType Type { get; }

    /// <summary>Outermost dimension first; none for a scalar; a dimension may be 0.</summary>
    public ImmutableArray<long> Shape { get; }

    /// <summary>From the start of the file.</summary>
    public long Offset { get; }

    public long Bytes { get; }

    public long Elements => Bytes / Type.Size();

    /// <summary>The data, which must be shorter than 2 GiB (larger: <see cref="Pointer"/>).</summary>
    public ReadOnlySpan<byte> Data => _file.Slice(Offset, checked((int)Bytes));

    /// <summary>Address of <see cref="Bytes"/> bytes, valid until the file is closed.</summary>
    public unsafe byte* Pointer => _file.At(Offset, Bytes);

    /// <summary>A copy of the elements. Errors: <see cref="ModelFormatException"/> when the tensor is of another type.</summary>
    public T[] Copy<T>(SafetensorsType type)
        where T : unmanaged
    {
        if (Type != type)
        {
            throw new ModelFormatException(_file.Path, $"tensor '{Name}' should be {type}, found {Type}");
        }

        var elements = new T[Elements];
        Data.CopyTo(MemoryMarshal.AsBytes(elements.AsSpan()));
        return elements;
    }
}
