namespace XLLM.Formats.Gguf;

/// <summary>
/// A GGUF file (version 2 or 3, little endian), memory-mapped. Nothing is believed: counts, lengths, offsets and sizes are
/// checked against the file before memory is taken for them. Format: ggml docs/gguf.md.
/// </summary>
public sealed class GgufFile : IDisposable
{
    private readonly MappedFile _file;

    internal GgufFile(MappedFile file, GgufHeader header)
    {
        _file = file;
        Version = header.Version;
        Metadata = header.Metadata;
        Tensors = header.Tensors;
    }

    public string Path => _file.Path;

    public long Length => _file.Length;

    public int Version { get; }

    /// <summary>By key, e.g. <c>general.architecture</c>.</summary>
    public IReadOnlyDictionary<string, GgufValue> Metadata { get; }

    /// <summary>By name, e.g. <c>blk.0.attn_q.weight</c>.</summary>
    public IReadOnlyDictionary<string, GgufTensor> Tensors { get; }

    /// <summary>Maps and checks a file. Errors: <see cref="ModelFormatException"/>; those of opening a file.</summary>
    public static GgufFile Open(string path)
    {
        MappedFile file = MappedFile.Open(path);
        try
        {
            return new GgufFile(file, GgufHeader.Read(file));
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>A value that must be there. Errors: <see cref="ModelFormatException"/> naming the key.</summary>
    public GgufValue Require(string key) => Find(key) ?? throw new ModelFormatException(Path, $"the metadata lacks '{key}'");

    public GgufValue? Find(string key) => Metadata.GetValueOrDefault(key);

    public string? FindString(string key) => Find(key)?.AsString();

    public long? FindInt64(string key) => Find(key)?.AsInt64();

    public double? FindDouble(string key) => Find(key)?.AsDouble();

    public bool? FindBool(string key) => Find(key)?.AsBool();

    public void Dispose() => _file.Dispose();
}
