using XLLM.Cli.Hub;

namespace XLLM.Cli.Models;

/// <summary>What models are on this machine's disks: the hub's cache and the folder of models.</summary>
internal sealed class LocalModels(HubCache cache, ModelFolder folder)
{
    private const string Prefix = "models--";
    private const string Incomplete = ".incomplete";

    /// <summary>All, by name.</summary>
    public IReadOnlyList<LocalModel> List() =>
    [
        .. FromFolder().Concat(FromCache())
            .OrderBy(m => m.Name, StringComparer.OrdinalIgnoreCase)
            .ThenBy(m => m.Source, StringComparer.Ordinal),
    ];

    /// <summary>The model of a name, with or without <c>.gguf</c>; null = there is none.</summary>
    public LocalModel? Find(string name) => List().FirstOrDefault(m => m.Name == name || m.Name + ".gguf" == name);

    /// <summary>Deletes a model that <see cref="List"/> gave, and what is left of its downloads.</summary>
    public static void Remove(LocalModel model)
    {
        if (Directory.Exists(model.Path))
        {
            Directory.Delete(model.Path, recursive: true);
            return;
        }

        foreach (string path in new[] { model.Path, model.Path + Incomplete, model.Path + Incomplete + ".from" })
        {
            File.Delete(path);
        }
    }

    private IEnumerable<LocalModel> FromFolder()
    {
        foreach (FileInfo file in folder.Files())
        {
            yield return new LocalModel(NameOf(file.Name), file.Length, file.LastWriteTime, "folder", file.FullName, IsWhole: true);
        }

        if (!Directory.Exists(folder.Root))
        {
            yield break;
        }

        foreach (FileInfo part in new DirectoryInfo(folder.Root).EnumerateFiles("*.gguf" + Incomplete))
        {
            string whole = part.FullName[..^Incomplete.Length];
            if (!File.Exists(whole))
            {
                string name = NameOf(Path.GetFileName(whole));
                yield return new LocalModel(name, part.Length, part.LastWriteTime, "folder", whole, IsWhole: false);
            }
        }
    }

    private IEnumerable<LocalModel> FromCache()
    {
        if (!Directory.Exists(cache.Root))
        {
            yield break;
        }

        foreach (DirectoryInfo repository in new DirectoryInfo(cache.Root).EnumerateDirectories(Prefix + "*--*"))
        {
            DirectoryInfo blobs = new(Path.Combine(repository.FullName, "blobs"));
            FileInfo[] files = blobs.Exists ? blobs.GetFiles() : [];
            // A name has no '--' before its owner's end.
            string[] parts = repository.Name[Prefix.Length..].Split("--", 2);
            bool whole = Directory.Exists(Path.Combine(repository.FullName, "refs"))
                && !files.Any(f => f.Name.EndsWith(Incomplete, StringComparison.Ordinal));
            yield return new LocalModel(
                $"{parts[0]}/{parts[1]}",
                files.Sum(f => f.Length),
                files.Length > 0 ? files.Max(f => f.LastWriteTime) : repository.LastWriteTime,
                "hub",
                repository.FullName,
                whole);
        }
    }

    private static string NameOf(string file) => file[..^".gguf".Length];
}
