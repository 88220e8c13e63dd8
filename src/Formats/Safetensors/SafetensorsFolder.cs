namespace XLLM.Formats.Safetensors;

/// <summary>
/// The weights of a Hugging Face folder: model.safetensors, or the shards that model.safetensors.index.json names. Shards lie
/// in the folder itself; a name that leads out of it is refused.
/// </summary>
public sealed class SafetensorsFolder : IDisposable
{
    public const string SingleName = "model.safetensors";
    public const string IndexName = "model.safetensors.index.json";

    private readonly List<SafetensorsFile> _files = [];
    private readonly Dictionary<string, SafetensorsTensor> _tensors = new(StringComparer.Ordinal);

    private SafetensorsFolder(string path) => Path = path;

    public string Path { get; }

    public IReadOnlyList<SafetensorsFile> Files => _files;

    /// <summary>Tensors of all shards by name.</summary>
    public IReadOnlyDictionary<string, SafetensorsTensor> Tensors => _tensors;

    /// <summary>Maps and checks all files. Errors: <see cref="ModelFormatException"/>; those of opening a file.</summary>
    public static SafetensorsFolder Open(string path)
    {
        var folder = new SafetensorsFolder(path);
        try
        {
            string single = System.IO.Path.Combine(path, SingleName);
            string index = System.IO.Path.Combine(path, IndexName);
            if (File.Exists(single))
            {
                folder.AddFile(single);
            }
            else if (File.Exists(index))
            {
                folder.AddShards(index);
            }
            else
            {
                throw new ModelFormatException(path, $"there is neither {SingleName} nor {IndexName}");
            }

            return folder;
        }
        catch
        {
            folder.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        foreach (SafetensorsFile file in _files)
        {
            file.Dispose();
        }

        _files.Clear();
    }

    private void AddShards(string index)
    {
        Dictionary<string, string> weightMap = SafetensorsIndex.Read(index);
        foreach (string shard in weightMap.Values.Distinct().Order(StringComparer.Ordinal))
        {
            string file = System.IO.Path.Combine(Path, shard);
            if (!File.Exists(file))
            {
                throw new ModelFormatException(index, $"it names the shard '{shard}', which is not in the folder");
            }

            AddFile(file);
        }

        foreach ((string name, string shard) in weightMap)
        {
            if (!_tensors.ContainsKey(name))
            {
                throw new ModelFormatException(index, $"it says that tensor '{name}' is in '{shard}', which lacks it");
            }
        }
    }

    private void AddFile(string path)
    {
        SafetensorsFile file = SafetensorsFile.Open(path);
        _files.Add(file);
        foreach ((string name, SafetensorsTensor tensor) in file.Tensors)
        {
            if (!_tensors.TryAdd(name, tensor))
            {
                throw new ModelFormatException(path, $"tensor '{name}' is in another shard too");
            }
        }
    }
}
