using Microsoft.Data.Sqlite;
using Microsoft.Win32.SafeHandles;
using XLLM.Gateway.Configuration;
using XLLM.Gateway.Errors;
using XLLM.Gateway.Storage;

namespace XLLM.Gateway.Files;

/// <summary>Files of the API: their rows in the database, their contents beside it. Any thread.</summary>
internal sealed class FileStore(DataFolder folder, GatewayDatabase database, GatewayOptions options, TimeProvider time)
{
    private const string Columns = "seq, id, owner, created, expires, bytes, name, purpose";
    private const string Open = "('validating', 'in_progress', 'finalizing', 'cancelling')";

    private long Now => time.GetUtcNow().ToUnixTimeSeconds();

    /// <summary>Bytes that the owner may still store.</summary>
    public long RoomOf(string owner)
    {
        using SqliteConnection connection = database.Open();
        return options.MaxKeyFileBytes - UsedBy(connection, owner);
    }

    /// <summary>Makes a file of contents that are complete; they are on the disk and found when this returns.</summary>
    /// <param name="file">Its row.</param>
    /// <param name="handle">The contents under their temporary name, open for writing; closed here.</param>
    /// <param name="upload">Their temporary path.</param>
    /// <exception cref="ApiException">The owner's files would exceed their quota: 413.</exception>
    public void Add(StoredFile file, SafeFileHandle handle, string upload)
    {
        DurableDisk.Publish(handle, upload, folder.FileOf(file.Id));
        using SqliteConnection connection = database.Open();
        using SqliteTransaction transaction = connection.BeginTransaction();
        if (UsedBy(connection, file.Owner) + file.Bytes > options.MaxKeyFileBytes)
        {
            File.Delete(folder.FileOf(file.Id));
            throw OverQuota(options);
        }

        Insert(connection, file);
        transaction.Commit();
    }

    public static ApiException OverQuota(GatewayOptions options) => ApiException.Of(
        DoorErrors.TooLarge,
        $"All files of an API key may have {options.MaxKeyFileBytes} bytes together, and with this file they would have more. "
        + "Delete some.");

    /// <summary>Adds a row in the caller's transaction.</summary>
    public static void Insert(SqliteConnection connection, StoredFile file) => GatewayDatabase.Run(
        connection,
        "INSERT INTO files (id, owner, created, expires, bytes, name, purpose) "
        + "VALUES ($id, $owner, $created, $expires, $bytes, $name, $purpose)",
        "$id", file.Id, "$owner", file.Owner, "$created", file.Created, "$expires", file.Expires, "$bytes", file.Bytes,
        "$name", file.Name, "$purpose", file.Purpose);

    /// <summary>A file of that owner; null = there is none, or it has expired.</summary>
    public StoredFile? Find(string id, string owner)
    {
        using SqliteConnection connection = database.Open();
        using SqliteCommand command = GatewayDatabase.Command(
            connection, $"SELECT {Columns} FROM files WHERE id = $id AND owner = $owner AND (expires IS NULL OR expires > $now)",
            "$id", id, "$owner", owner, "$now", Now);
        using SqliteDataReader reader = command.ExecuteReader();
        return reader.Read() ? Read(reader) : null;
    }

    /// <summary>A page of an owner's files; null = the file to begin after is not there.</summary>
    public (IReadOnlyList<StoredFile> Files, bool More)? List(string owner, string? purpose, ListQuery query)
    {
        using SqliteConnection connection = database.Open();
        if (!query.TrySeek(connection, "files", owner, out long? after))
        {
            return null;
        }

        using SqliteCommand command = GatewayDatabase.Command(
            connection,
            $"SELECT {Columns} FROM files WHERE owner = $owner AND ($purpose IS NULL OR purpose = $purpose) "
            + $"AND (expires IS NULL OR expires > $now) AND ($after IS NULL OR seq {query.Beyond} $after) "
            + $"{query.OrderBy} LIMIT $limit",
            "$owner", owner, "$purpose", purpose, "$now", Now, "$after", after, "$limit", query.Limit + 1);
        using SqliteDataReader reader = command.ExecuteReader();
        List<StoredFile> files = [];
        while (reader.Read())
        {
            files.Add(Read(reader));
        }

        bool more = files.Count > query.Limit;
        return (more ? files[..query.Limit] : files, more);
    }

    /// <summary>Opens the contents of a file.</summary>
    /// <exception cref="FileNotFoundException">They are gone.</exception>
    public SafeFileHandle OpenRead(string id) =>
        File.OpenHandle(
            folder.FileOf(id), FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, FileOptions.Asynchronous);

    /// <summary>The contents of a file as a stream, read in blocks.</summary>
    /// <exception cref="FileNotFoundException">They are gone.</exception>
    public Stream OpenStream(string id) => new FileStream(OpenRead(id), FileAccess.Read, bufferSize: 0);

    /// <summary>Removes a file; false = there is none of that owner.</summary>
    /// <exception cref="ApiException">A batch that is not over reads it: 409.</exception>
    public bool Remove(string id, string owner)
    {
        using SqliteConnection connection = database.Open();
        using SqliteTransaction transaction = connection.BeginTransaction();
        object? user = GatewayDatabase.Scalar(
            connection, $"SELECT id FROM batches WHERE input_file = $id AND owner = $owner AND status IN {Open} LIMIT 1",
            "$id", id, "$owner", owner);
        if (user is not null)
        {
            throw ApiException.Of(
                DoorErrors.InUse, $"The file is the input of '{user}', which is not over. Cancel the batch first.");
        }

        int rows = GatewayDatabase.Run(
            connection, "DELETE FROM files WHERE id = $id AND owner = $owner", "$id", id, "$owner", owner);
        transaction.Commit();
        if (rows > 0)
        {
            File.Delete(folder.FileOf(id));
        }

        return rows > 0;
    }

    /// <summary>Removes files that have expired, but those that a batch still reads; gives their number.</summary>
    public int RemoveExpired()
    {
        List<string> expired = [];
        using SqliteConnection connection = database.Open();
        using (SqliteCommand command = GatewayDatabase.Command(
            connection,
            "DELETE FROM files WHERE expires <= $now "
            + $"AND id NOT IN (SELECT input_file FROM batches WHERE status IN {Open}) RETURNING id",
            "$now", Now))
        {
            using SqliteDataReader reader = command.ExecuteReader();
            while (reader.Read())
            {
                expired.Add(reader.GetString(0));
            }
        }

        foreach (string id in expired)
        {
            File.Delete(folder.FileOf(id));
        }

        return expired.Count;
    }

    /// <summary>Number and bytes of all files.</summary>
    public (long Count, long Bytes) Totals()
    {
        using SqliteConnection connection = database.Open();
        using SqliteCommand command = GatewayDatabase.Command(connection, "SELECT COUNT(*), COALESCE(SUM(bytes), 0) FROM files");
        using SqliteDataReader reader = command.ExecuteReader();
        reader.Read();
        return (reader.GetInt64(0), reader.GetInt64(1));
    }

    /// <summary>
    /// Removes contents that no row names, left by a process that died between the two, when they are older
    /// than <paramref name="age"/>.
    /// </summary>
    public void RemoveOrphans(TimeSpan age)
    {
        DateTime limit = DateTime.UtcNow - age;
        using SqliteConnection connection = database.Open();
        foreach (string path in Directory.EnumerateFiles(folder.Files).Concat(Directory.EnumerateFiles(folder.Uploads)))
        {
            if (File.GetLastWriteTimeUtc(path) < limit
                && GatewayDatabase.Scalar(
                    connection, "SELECT 1 FROM files WHERE id = $id", "$id", Path.GetFileName(path)) is null)
            {
                File.Delete(path);
            }
        }
    }

    private static long UsedBy(SqliteConnection connection, string owner) => (long)GatewayDatabase.Scalar(
        connection, "SELECT COALESCE(SUM(bytes), 0) FROM files WHERE owner = $owner", "$owner", owner)!;

    private static StoredFile Read(SqliteDataReader row) => new()
    {
        Id = row.GetString(1),
        Owner = row.GetString(2),
        Created = row.GetInt64(3),
        Expires = row.IsDBNull(4) ? null : row.GetInt64(4),
        Bytes = row.GetInt64(5),
        Name = row.GetString(6),
        Purpose = row.GetString(7),
    };
}
