using XLLM.Contracts.Configuration;

namespace XLLM.Gateway.Storage;

/// <summary>
/// The folder of what outlives the process. Only its owner may look into it. Paths are made of ids of ours alone, never of names
/// that came from outside.
/// </summary>
internal sealed class DataFolder
{
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>Makes the folder where it is not there.</summary>
    /// <exception cref="OptionsException">It cannot be made or written.</exception>
    public DataFolder(string root)
    {
        Root = Path.GetFullPath(root);
        try
        {
            foreach (string folder in (string[])[Root, Files, Uploads, Batches, Gateways])
            {
                if (OperatingSystem.IsWindows())
                {
                    Directory.CreateDirectory(folder);
                }
                else
                {
                    Directory.CreateDirectory(folder, Private);
                }
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new OptionsException([$"Gateway:DataFolder: '{Root}' cannot be made: {exception.Message}"]);
        }
    }

    public string Root { get; }

    public string Database => Path.Combine(Root, "gateway.db");

    /// <summary>Contents of files, by id.</summary>
    public string Files => Path.Combine(Root, "files");

    /// <summary>Contents that are still being written.</summary>
    public string Uploads => Path.Combine(Root, "uploads");

    /// <summary>Journals of batches that are not over, a folder each.</summary>
    public string Batches => Path.Combine(Root, "batches");

    /// <summary>Locks of the processes that use the folder.</summary>
    public string Gateways => Path.Combine(Root, "gateways");

    public string FileOf(string id) => Path.Combine(Files, Checked(id));

    public string BatchOf(string id) => Path.Combine(Batches, Checked(id));

    public string NewUpload() => Path.Combine(Uploads, Guid.NewGuid().ToString("N"));

    // Ids come from the database, which has only ours; a path is too much to lose to rely on that.
    private static string Checked(string id) => StoredIds.IsSafe(id)
        ? id
        : throw new InvalidDataException("An id has characters that none of ours has.");
}
