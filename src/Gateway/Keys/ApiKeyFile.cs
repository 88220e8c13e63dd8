using System.Text.Json;
using XLLM.Gateway.Generation;

namespace XLLM.Gateway.Keys;

/// <summary>Reads and writes the file of API keys, JSON that only its owner may read.</summary>
public static class ApiKeyFile
{
    private const int MaxBytes = 4 << 20;
    private const int MaxKeys = 10_000;
    private const int LockAttempts = 100;
    private static readonly TimeSpan LockWait = TimeSpan.FromMilliseconds(20);

    private static readonly JsonSerializerOptions Options = new()
    {
        WriteIndented = true,
        DefaultIgnoreCondition = System.Text.Json.Serialization.JsonIgnoreCondition.WhenWritingDefault,
    };

    /// <summary>The keys of a file.</summary>
    /// <exception cref="InvalidDataException">It is not a file of keys; the message says where and why.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static IReadOnlyList<ApiKeyRecord> Read(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (new FileInfo(path) is { Exists: true, Length: > MaxBytes })
        {
            throw new InvalidDataException($"'{path}' is larger than {MaxBytes} bytes; it is no file of API keys.");
        }

        List<ApiKeyRecord> keys;
        try
        {
            keys = JsonSerializer.Deserialize<ApiKeyDocument>(File.ReadAllBytes(path))?.Keys ?? throw new JsonException("it is null");
        }
        catch (JsonException exception)
        {
            throw new InvalidDataException($"'{path}' is no file of API keys: {exception.Message}", exception);
        }

        Check(keys, path);
        return keys;
    }

    /// <summary>Writes a file of keys in place of the one that is there, at once.</summary>
    /// <exception cref="InvalidDataException">A key is malformed, or two have one name.</exception>
    /// <exception cref="IOException">It cannot be written.</exception>
    public static void Write(string path, IReadOnlyList<ApiKeyRecord> keys)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(keys);
        Check(keys, path);
        string full = Path.GetFullPath(path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        string next = full + ".new";
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using (var stream = new FileStream(next, options))
        {
            JsonSerializer.Serialize(stream, new ApiKeyDocument { Keys = [.. keys] }, Options);
            stream.Flush(flushToDisk: true);
        }

        File.Move(next, full, overwrite: true);
    }

    /// <summary>
    /// Reads the file, which may not be there yet, and writes what <paramref name="change"/> makes of its keys. Changes by several
    /// processes come one after another.
    /// </summary>
    /// <exception cref="InvalidDataException">The file, or what would be written, is malformed.</exception>
    /// <exception cref="IOException">It cannot be read or written, or another process holds it for long.</exception>
    public static void Change(string path, Func<IReadOnlyList<ApiKeyRecord>, IReadOnlyList<ApiKeyRecord>> change)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(change);
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        using FileStream gate = Lock(path + ".lock");
        Write(path, change(File.Exists(path) ? Read(path) : []));
    }

    // Another process that changes the file is done in no time.
    private static FileStream Lock(string path)
    {
        for (int attempt = 0; ; attempt++)
        {
            try
            {
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException) when (attempt < LockAttempts)
            {
                Thread.Sleep(LockWait);
            }
        }
    }

    private static void Check(IReadOnlyList<ApiKeyRecord> keys, string path)
    {
        if (keys.Count > MaxKeys)
        {
            throw new InvalidDataException($"'{path}' has {keys.Count} keys; at most {MaxKeys} are allowed.");
        }

        var names = new HashSet<string>(StringComparer.Ordinal);
        for (int i = 0; i < keys.Count; i++)
        {
            if (FaultOf(keys[i]) is { } fault)
            {
                throw new InvalidDataException($"'{path}', keys[{i}]: {fault}");
            }

            if (!names.Add(keys[i].Name))
            {
                throw new InvalidDataException($"'{path}' has two keys with the name '{keys[i].Name}'.");
            }
        }
    }

    /// <summary>What is wrong with a key; null = nothing.</summary>
    internal static string? FaultOf(ApiKeyRecord? key) =>
        key is null ? "it is null."
        : key.Name is not { Length: >= 1 and <= 64 } || !key.Name.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_')
            ? "'name' must be 1 to 64 letters, digits, dots, hyphens or underscores."
        : key.Hash is not { Length: 64 } || !key.Hash.All(char.IsAsciiHexDigit) ? "'sha256' must be 64 hexadecimal digits."
        : key.RequestsPerMinute is < 1 or > 1_000_000 ? "'requests_per_minute' must be between 1 and 1,000,000."
        : key.TokensPerMinute is < 1 or > 1_000_000_000 ? "'tokens_per_minute' must be between 1 and 1,000,000,000."
        : key.Concurrency is < 1 or > 1_000_000 ? "'concurrency' must be between 1 and 1,000,000."
        : key.Priority is not null && PriorityNames.Parse(key.Priority) is null ? "'priority' must be interactive, normal or batch."
        : null;
}
