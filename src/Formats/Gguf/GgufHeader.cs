using System.Collections.Immutable;

namespace XLLM.Formats.Gguf;

/// <summary>What stands before the tensors' data, read and checked.</summary>
internal sealed class GgufHeader
{
    private const uint Magic = 0x46554747; // "GGUF"
    private const int MaxKeys = 1 << 16;
    private const int MaxTensors = 1 << 18;
    private const int MaxKeyBytes = 65_535;
    private const int MaxNameBytes = 1_024;
    private const int MaxDimensions = 4;
    private const int DefaultAlignment = 32;
    private const int MaxAlignment = 1 << 20;

    private readonly MappedFile _file;
    private readonly GgufReader _reader;

    private GgufHeader(MappedFile file)
    {
        _file = file;
        _reader = new GgufReader(file);
    }

    public int Version { get; private set; }

    public Dictionary<string, GgufValue> Metadata { get; } = new(StringComparer.Ordinal);

    public Dictionary<string, GgufTensor> Tensors { get; } = new(StringComparer.Ordinal);

    public static GgufHeader Read(MappedFile file)
    {
        var header = new GgufHeader(file);
        header.ReadVersion();
        long tensors = header._reader.Count("number of tensors", 33, MaxTensors);
        long keys = header._reader.Count("number of metadata keys", 14, MaxKeys);
        header.ReadMetadata(keys);
        header.ReadTensors(tensors);
        return header;
    }

    private void ReadVersion()
    {
        uint magic = _reader.UInt32("the magic number");
        if (magic != Magic)
        {
            throw _reader.Bad($"this is no GGUF file: it begins with 0x{magic:x8} instead of 'GGUF'");
        }

        uint version = _reader.UInt32("the version");
        if (version is not (2 or 3))
        {
            string why = (version & 0xffff) == 0 && version != 0 ? " (a big-endian file?)" : "";
            throw _reader.Bad($"GGUF version {version} is not supported{why}; versions 2 and 3, little endian, are");
        }

        Version = (int)version;
    }

    private void ReadMetadata(long count)
    {
        for (long i = 0; i < count; i++)
        {
            string key = _reader.Name("a metadata key", MaxKeyBytes);
            if (!Metadata.TryAdd(key, new GgufValue(_file, key, _reader.Value(key))))
            {
                throw _reader.Bad($"metadata key '{key}' stands there twice");
            }
        }
    }

    private void ReadTensors(long count)
    {
        long alignment = Alignment();
        var found = new List<(string Name, GgufType Type, ImmutableArray<long> Shape, ulong Offset, long Bytes)>();
        for (long i = 0; i < count; i++)
        {
            string name = _reader.Name("a tensor name", MaxNameBytes);
            ImmutableArray<long> shape = Shape(name);
            var type = (GgufType)_reader.UInt32($"type of tensor '{name}'");
            long bytes = Bytes(name, type, shape);
            found.Add((name, type, shape, _reader.UInt64($"offset of tensor '{name}'"), bytes));
        }

        long start = (_reader.Position + alignment - 1) / alignment * alignment;
        foreach ((string name, GgufType type, ImmutableArray<long> shape, ulong offset, long bytes) in found)
        {
            if (offset % (ulong)alignment != 0)
            {
                throw _reader.Bad($"tensor '{name}' begins at {offset}, which is no multiple of the alignment {alignment}");
            }

            if (start > _file.Length || offset > (ulong)(_file.Length - start) || bytes > _file.Length - start - (long)offset)
            {
                throw _reader.Bad($"tensor '{name}' needs {bytes} bytes at data offset {offset}, but the file has only "
                    + $"{Math.Max(0, _file.Length - start)} bytes of data; it may be truncated");
            }

            if (!Tensors.TryAdd(name, new GgufTensor(_file, name, type, shape, start + (long)offset, bytes)))
            {
                throw _reader.Bad($"tensor '{name}' stands there twice");
            }
        }

        RefuseOverlaps();
    }

    private long Alignment()
    {
        long alignment = Metadata.TryGetValue("general.alignment", out GgufValue? value) ? value.AsInt64() : DefaultAlignment;
        return alignment is >= 8 and <= MaxAlignment && long.IsPow2(alignment)
            ? alignment
            : throw _reader.Bad($"'general.alignment' is {alignment}; a power of two from 8 to {MaxAlignment} was expected");
    }

    private ImmutableArray<long> Shape(string name)
    {
        uint dimensions = _reader.UInt32($"number of dimensions of tensor '{name}'");
        if (dimensions is 0 or > MaxDimensions)
        {
            throw _reader.Bad($"tensor '{name}' has {dimensions} dimensions; 1 to {MaxDimensions} were expected");
        }

        var shape = new long[dimensions];
        for (int i = shape.Length - 1; i >= 0; i--)
        {
            ulong size = _reader.UInt64($"a dimension of tensor '{name}'");
            shape[i] = size is > 0 and <= long.MaxValue
                ? (long)size
                : throw _reader.Bad($"tensor '{name}' has a dimension of {size}; at least 1 was expected");
        }

        return ImmutableArray.Create(shape);
    }

    private long Bytes(string name, GgufType type, ImmutableArray<long> shape)
    {
        GgufLayout layout = GgufLayout.Find(type)
            ?? throw _reader.Bad($"tensor '{name}' has the unknown type {(uint)type}");
        if (shape[^1] % layout.Elements != 0)
        {
            throw _reader.Bad(
                $"tensor '{name}' of type {type} has rows of {shape[^1]} elements; a multiple of {layout.Elements} was expected");
        }

        try
        {
            long elements = shape.Aggregate(1L, (a, b) => checked(a * b));
            return checked(elements / layout.Elements * layout.Bytes);
        }
        catch (OverflowException e)
        {
            throw _reader.Bad($"tensor '{name}' of shape [{string.Join(", ", shape)}] is too large", e);
        }
    }

    private void RefuseOverlaps()
    {
        GgufTensor? before = null;
        foreach (GgufTensor tensor in Tensors.Values.OrderBy(t => t.Offset))
        {
            if (before is not null && before.Offset + before.Bytes > tensor.Offset)
            {
                throw _reader.Bad($"tensors '{before.Name}' and '{tensor.Name}' overlap");
            }

            before = tensor;
        }
    }
}
