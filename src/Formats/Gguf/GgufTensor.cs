using System.Collections.Immutable;

namespace XLLM.Formats.Gguf;

/// <summary>A tensor of a GGUF file; its data is read through the file, which must be open.</summary>
public sealed class GgufTensor
{
    private readonly MappedFile _file;

    internal GgufTensor(MappedFile file, string name, GgufType type, ImmutableArray<long> shape, long offset, long bytes)
    {
        _file = file;
        Name = name;
        Type = type;
        Shape = shape;
        Offset = offset;
        Bytes = bytes;
    }

    public string Name { get; }

    public GgufType Type { get; }

    /// <summary>
    /// Outermost dimension first, as in safetensors (the file has them the other way round). 1 to 4 of them, all >= 1.
    /// </summary>
    public ImmutableArray<long> Shape { get; }

    /// <summary>From the start of the file.</summary>
    public long Offset { get; }

    public long Bytes { get; }

    public long Elements => Shape.Aggregate(1L, (a, b) => a * b);

    /// <summary>The data, which must be shorter than 2 GiB (larger: <see cref="Pointer"/>).</summary>
    public ReadOnlySpan<byte> Data => _file.Slice(Offset, checked((int)Bytes));

    /// <summary>Address of <see cref="Bytes"/> bytes, valid until the file is closed.</summary>
    public unsafe byte* Pointer => _file.At(Offset, Bytes);
}
