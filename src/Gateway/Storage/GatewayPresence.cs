namespace XLLM.Gateway.Storage;

/// <summary>
/// Says that this process lives: it holds a lock on a file that the system lets go when the process ends, however it ends. So a
/// process of the same machine that starts after a crash need not wait for a lease to run out. Any thread.
/// </summary>
internal sealed class GatewayPresence : IDisposable
{
    private readonly string _folder;
    private readonly FileStream _lock;

    public GatewayPresence(DataFolder folder)
    {
        _folder = folder.Gateways;
        Id = Guid.NewGuid().ToString("N");
        _lock = new FileStream(PathOf(Id), FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None);
    }

    /// <summary>This process, never used again.</summary>
    public string Id { get; }

    /// <summary>The process of that id holds its lock.</summary>
    public bool IsAlive(string id)
    {
        if (id == Id)
        {
            return true;
        }

        try
        {
            if (!StoredIds.IsSafe(id) || !File.Exists(PathOf(id)))
            {
                return false;
            }

            using (new FileStream(PathOf(id), FileMode.Open, FileAccess.ReadWrite, FileShare.None))
            {
            }

            File.Delete(PathOf(id));
            return false;
        }
        catch (FileNotFoundException)
        {
            return false;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return true;
        }
    }

    /// <summary>Removes the locks of processes that are gone.</summary>
    public void RemoveDead()
    {
        // A lock that is being made is not taken yet.
        DateTime limit = DateTime.UtcNow - TimeSpan.FromMinutes(1);
        foreach (string path in Directory.GetFiles(_folder).Where(f => File.GetLastWriteTimeUtc(f) < limit))
        {
            _ = IsAlive(Path.GetFileName(path));
        }
    }

    public void Dispose()
    {
        _lock.Dispose();
        File.Delete(PathOf(Id));
    }

    private string PathOf(string id) => Path.Combine(_folder, id);
}
