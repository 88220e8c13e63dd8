using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Text.Json;

namespace XLLM.Formats.Safetensors;

/// <summary>The header of a safetensors file, read and checked.</summary>
internal sealed class SafetensorsHeader
{
    private const long MaxHeaderBytes = 100_000_000; // as the reference implementation
    private const int MaxNameBytes = 1_024;
    private const int MaxDimensions = 8;
    private const int MaxJsonDepth = 4;

    private readonly MappedFile _file;
    private readonly long _dataStart;
    private bool _metadataSeen;

    private SafetensorsHeader(MappedFile file, long dataStart)
    {
        _file = file;
        _dataStart = dataStart;
    }

    public Dictionary<string, string> Metadata { get; } = new(StringComparer.Ordinal);

    public Dictionary<string, SafetensorsTensor> Tensors { get; } = new(StringComparer.Ordinal);

    public static SafetensorsHeader Read(MappedFile file)
    {
        if (file.Length < 8)
        {
            throw new ModelFormatException(
                file.Path, $"the file has {file.Length} bytes; a safetensors file begins with 8 bytes of header length");
        }

        ulong length = BinaryPrimitives.ReadUInt64LittleEndian(file.Slice(0, 8));
        long most = Math.Min(MaxHeaderBytes, file.Length - 8);
        if (length < 2 || length > (ulong)most)
        {
            throw new ModelFormatException(
                file.Path, $"the header length is {length}; 2 to {most} was expected (no safetensors file, or truncated)");
        }

        var header = new SafetensorsHeader(file, 8 + (long)length);
        try
        {
            header.Parse(file.Slice(8, (int)length));
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            throw new ModelFormatException(
                file.Path, $"the header is not valid JSON of the expected form: {e.Message.TrimEnd('.')}", e);
        }

        header.RefuseOverlaps();
        return header;
    }

    private void Parse(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = MaxJsonDepth });
        JsonForm.Enter(ref reader, JsonTokenType.StartObject, "the header");
        while (JsonForm.NextName(ref reader, MaxNameBytes) is { } name)
        {
            if (name == "__metadata__")
            {
                ParseMetadata(ref reader);
            }
            else
            {
                ParseTensor(name, ref reader);
            }
        }

        if (reader.Read())
        {
            throw Bad("the header goes on after its JSON object");
        }
    }

    private void ParseMetadata(ref Utf8JsonReader reader)
    {
        if (_metadataSeen)
        {
            throw Bad("'__metadata__' stands there twice");
        }

        _metadataSeen = true;
        JsonForm.Enter(ref reader, JsonTokenType.StartObject, "'__metadata__'");
        while (JsonForm.NextName(ref reader, MaxNameBytes) is { } key)
        {
            JsonForm.Enter(ref reader, JsonTokenType.String, $"metadata '{key}'");
            if (!Metadata.TryAdd(key, reader.GetString()!))
            {
                throw Bad($"metadata '{key}' stands there twice");
            }
        }
    }

    private void ParseTensor(string name, ref Utf8JsonReader reader)
    {
        SafetensorsType? type = null;
        ImmutableArray<long> shape = default, range = default;
        JsonForm.Enter(ref reader, JsonTokenType.StartObject, $"tensor '{name}'");
        while (JsonForm.NextName(ref reader, MaxNameBytes) is { } property)
        {
            bool fresh = property switch
            {
                "dtype" => type is null,
                "shape" => shape.IsDefault,
                "data_offsets" => range.IsDefault,
                _ => throw Bad(
                    $"tensor '{name}' has the unknown property '{property}'; dtype, shape and data_offsets were expected"),
            };
            if (!fresh)
            {
                throw Bad($"tensor '{name}' has '{property}' twice");
            }

            if (property == "dtype")
            {
                JsonForm.Enter(ref reader, JsonTokenType.String, $"dtype of '{name}'");
                string dtype = reader.GetString()!;
                type = SafetensorsTypes.Find(dtype) ?? throw Bad($"tensor '{name}' has the unknown dtype '{dtype}'");
            }
            else if (property == "shape")
            {
                shape = JsonForm.Numbers(ref reader, MaxDimensions, $"shape of '{name}'");
            }
            else
            {
                range = JsonForm.Numbers(ref reader, 2, $"data_offsets of '{name}'");
            }
        }

        if (type is null || shape.IsDefault || range.IsDefault || range.Length != 2)
        {
            throw Bad($"tensor '{name}' needs dtype, shape and data_offsets [begin, end]");
        }

        Add(name, type.Value, shape, range[0], range[1]);
    }

    private void Add(string name, SafetensorsType type, ImmutableArray<long> shape, long begin, long end)
    {
        long data = _file.Length - _dataStart;
        if (begin > end || end > data)
        {
            throw Bad(
                $"tensor '{name}' has data_offsets [{begin}, {end}], but the file has {data} bytes of data; it may be truncated");
        }

        long bytes;
        try
        {
            bytes = shape.Aggregate((long)type.Size(), (a, b) => checked(a * b));
        }
        catch (OverflowException e)
        {
            throw Bad($"tensor '{name}' of shape [{string.Join(", ", shape)}] is too large", e);
        }

        if (bytes != end - begin)
        {
            throw Bad(
                $"tensor '{name}' of shape [{string.Join(", ", shape)}] and dtype {type} needs {bytes} bytes, its "
                    + $"data_offsets give {end - begin}");
        }

        if (!Tensors.TryAdd(name, new SafetensorsTensor(_file, name, type, shape, _dataStart + begin, bytes)))
        {
            throw Bad($"tensor '{name}' stands there twice");
        }
    }

    private void RefuseOverlaps()
    {
        SafetensorsTensor? before = null;
        foreach (SafetensorsTensor tensor in Tensors.Values.Where(t => t.Bytes > 0).OrderBy(t => t.Offset))
        {
            if (before is not null && before.Offset + before.Bytes > tensor.Offset)
            {
                throw Bad($"tensors '{before.Name}' and '{tensor.Name}' overlap");
            }

            before = tensor;
        }
    }

    private ModelFormatException Bad(string problem, Exception? inner = null) => new(_file.Path, problem, inner);
}
