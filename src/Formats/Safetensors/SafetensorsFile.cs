namespace XLLM.Formats.Safetensors;

/// <summary>
/// A safetensors file, memory-mapped. Header, shapes, sizes and ranges are checked against the file before memory is taken for
/// them; ranges that overlap are refused. Format: huggingface/safetensors README.
/// </summary>
public sealed class SafetensorsFile : IDisposable
{
    private readonly MappedFile _file;

    private SafetensorsFile(MappedFile file, SafetensorsHeader header)
    {
        _file = file;
        Metadata = header.Metadata;
        Tensors = header.Tensors;
    }

    public string Path => _file.Path;

    public long Length => _file.Length;

    /// <summary>The header's <c>__metadata__</c>; empty without one.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>By name, e.g. <c>model.embed_tokens.weight</c>.</summary>
    public IReadOnlyDictionary<string, SafetensorsTensor> Tensors { get; }

    /// <summary>Maps and checks a file. Errors: <see cref="ModelFormatException"/>; those of opening a file.</summary>
    public static SafetensorsFile Open(string path)
    {
        MappedFile file = MappedFile.Open(path);
        try
        {
            return new SafetensorsFile(file, SafetensorsHeader.Read(file));
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>A tensor that must be there. Errors: <see cref="ModelFormatException"/> naming it.</summary>
    public SafetensorsTensor Require(string name) =>
        Tensors.GetValueOrDefault(name) ?? throw new ModelFormatException(Path, $"there is no tensor '{name}'");

    public void Dispose() => _file.Dispose();
}
