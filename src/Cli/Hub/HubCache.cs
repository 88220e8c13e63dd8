namespace XLLM.Cli.Hub;

/// <summary>
/// The cache other Hugging Face tools use too: <c>models--owner--name/{refs,blobs,snapshots}</c>, where a snapshot's files are
/// links to blobs named by their hash. Folder: HF_HUB_CACHE, or hub in HF_HOME, or ~/.cache/huggingface/hub.
/// </summary>
public sealed class HubCache(string root)
{
    public string Root { get; } = root;

    public static HubCache FromEnvironment()
    {
        if (Environment.GetEnvironmentVariable("HF_HUB_CACHE") is { Length: > 0 } cache)
        {
            return new HubCache(cache);
        }

        string home = Environment.GetEnvironmentVariable("HF_HOME") is { Length: > 0 } named
            ? named
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache", "huggingface");
        return new HubCache(Path.Combine(home, "hub"));
    }

    public string Folder(string repository) => Path.Combine(Root, "models--" + repository.Replace("/", "--"));

    public string Blob(string repository, string hash) => Path.Combine(Folder(repository), "blobs", hash);

    public string Snapshot(string repository, string commit) => Path.Combine(Folder(repository), "snapshots", commit);

    /// <summary>The commit a revision named when it was last asked for, or the revision itself when it is a cached commit.</summary>
    public string? ReadRef(string repository, string revision)
    {
        if (Directory.Exists(Snapshot(repository, revision)))
        {
            return revision;
        }

        string path = Path.Combine(Folder(repository), "refs", revision);
        return File.Exists(path) ? File.ReadAllText(path).Trim() : null;
    }

    public void WriteRef(string repository, string revision, string commit)
    {
        string path = Path.Combine(Folder(repository), "refs", revision);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, commit);
    }

    /// <summary>Puts a blob into a snapshot under the file's name.</summary>
    public string Link(string repository, string commit, HubFile file)
    {
        string link = Path.Combine(Snapshot(repository, commit), file.Name);
        string folder = Path.GetDirectoryName(link)!;
        Directory.CreateDirectory(folder);
        if (!File.Exists(link))
        {
            File.Delete(link);
            File.CreateSymbolicLink(link, Path.GetRelativePath(folder, Blob(repository, file.Hash)));
        }

        return link;
    }
}
