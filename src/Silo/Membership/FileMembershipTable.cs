using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Runtime;

namespace XLLM.Silo.Membership;

/// <summary>
/// The membership table as a JSON file, for development clusters of one machine. Writers hold a lock file, compare the version they
/// have read with the file's, and replace the file as a whole, so that readers never see half of it. Any thread, any process.
/// </summary>
public sealed class FileMembershipTable(IOptions<ClusterOptions> cluster, IOptions<FileMembershipOptions> options) : IMembershipTable
{
    private const int MaxBytes = 16 << 20;
    private static readonly TimeSpan LockLimit = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LockRetry = TimeSpan.FromMilliseconds(5);
    private static readonly JsonSerializerOptions Json = new() { WriteIndented = true };
    private readonly string _path = options.Value.Path;
    private readonly string _clusterId = cluster.Value.ClusterId;

    /// <inheritdoc/>
    public async Task InitializeMembershipTable(bool tryInitTableVersion)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_path)!);
        await ChangeAsync(content => !File.Exists(_path) && tryInitTableVersion);
    }

    /// <inheritdoc/>
    public Task DeleteMembershipTableEntries(string clusterId) => ChangeAsync(content =>
    {
        if (clusterId != content.ClusterId)
        {
            return false;
        }

        content.Silos.Clear();
        content.Version++;
        return true;
    });

    /// <inheritdoc/>
    public Task CleanupDefunctSiloEntries(DateTimeOffset beforeDate) => ChangeAsync(content =>
        content.Silos.RemoveAll(x => x.Status != SiloStatus.Active && x.IAmAliveTime < beforeDate.UtcDateTime) > 0);

    /// <inheritdoc/>
    public async Task<MembershipTableData> ReadRow(SiloAddress key) => Data(await ReadAsync(), x => x.Is(key));

    /// <inheritdoc/>
    public async Task<MembershipTableData> ReadAll() => Data(await ReadAsync(), _ => true);

    /// <inheritdoc/>
    public Task<bool> InsertRow(MembershipEntry entry, TableVersion tableVersion) => ChangeAsync(content =>
    {
        if (!IsCurrent(content, tableVersion) || content.Silos.Exists(x => x.Is(entry.SiloAddress)))
        {
            return false;
        }

        content.Silos.Add(FileMembershipRow.Of(entry));
        content.Version++;
        return true;
    });

    /// <inheritdoc/>
    public Task<bool> UpdateRow(MembershipEntry entry, string etag, TableVersion tableVersion) => ChangeAsync(content =>
    {
        int at = content.Silos.FindIndex(x => x.Is(entry.SiloAddress));
        if (!IsCurrent(content, tableVersion) || at < 0)
        {
            return false;
        }

        content.Silos[at] = FileMembershipRow.Of(entry);
        content.Version++;
        return true;
    });

    /// <inheritdoc/>
    public Task UpdateIAmAlive(MembershipEntry entry) => ChangeAsync(content =>
    {
        if (content.Silos.Find(x => x.Is(entry.SiloAddress)) is not { } row)
        {
            return false;
        }

        row.IAmAliveTime = entry.IAmAliveTime;
        return true;
    });

    private static bool IsCurrent(FileMembershipContent content, TableVersion version) =>
        version.VersionEtag == content.Version.ToString(CultureInfo.InvariantCulture);

    private static MembershipTableData Data(FileMembershipContent content, Func<FileMembershipRow, bool> predicate) => new(
        [.. content.Silos.Where(predicate).Select(x => Tuple.Create(x.ToEntry(), ""))],
        new TableVersion(content.Version, content.Version.ToString(CultureInfo.InvariantCulture)));

    /// <summary>Runs a change under the lock; writes the file when the change says so, and gives what it said.</summary>
    private async Task<bool> ChangeAsync(Func<FileMembershipContent, bool> change)
    {
        await using FileStream held = await LockAsync();
        FileMembershipContent content = await ReadAsync();
        if (!change(content))
        {
            return false;
        }

        string next = $"{_path}.new";
        await File.WriteAllBytesAsync(next, JsonSerializer.SerializeToUtf8Bytes(content, Json));
        File.Move(next, _path, overwrite: true);
        return true;
    }

    private async Task<FileStream> LockAsync()
    {
        long started = Environment.TickCount64;
        while (true)
        {
            try
            {
                return new FileStream($"{_path}.lock", FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException e) when (e is not DirectoryNotFoundException)
            {
                if (Environment.TickCount64 - started > LockLimit.TotalMilliseconds)
                {
                    throw new TimeoutException($"The membership file's lock, {_path}.lock, was not free for {LockLimit}.", e);
                }
            }

            await Task.Delay(LockRetry);
        }
    }

    private async Task<FileMembershipContent> ReadAsync()
    {
        if (!File.Exists(_path))
        {
            return new FileMembershipContent { ClusterId = _clusterId };
        }

        long length = new FileInfo(_path).Length;
        if (length > MaxBytes)
        {
            throw new InvalidDataException($"The membership file {_path} has {length} bytes; at most {MaxBytes} are read.");
        }

        try
        {
            FileMembershipContent content = JsonSerializer.Deserialize<FileMembershipContent>(await File.ReadAllBytesAsync(_path), Json)
                ?? throw new JsonException("it is null");
            return content.ClusterId == _clusterId
                ? content
                : throw new InvalidDataException(
                    $"The membership file {_path} is of cluster '{content.ClusterId}', not '{_clusterId}'; name another file.");
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"The membership file {_path} is not one: {e.Message}", e);
        }
    }
}
