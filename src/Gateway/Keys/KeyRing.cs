using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Logging;
using XLLM.Gateway.Configuration;

namespace XLLM.Gateway.Keys;

/// <summary>The keys that are let in; follows changes of their file. Any thread.</summary>
internal sealed class KeyRing
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);

    private readonly string? _path;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Lock _lock = new();
    private volatile KeyAccount[] _accounts = [];
    private DateTime _read;
    private long _looked;

    /// <exception cref="InvalidDataException">The file is malformed.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public KeyRing(GatewayOptions options, TimeProvider time, ILogger<KeyRing> logger)
    {
        _path = options.ApiKeysFile;
        _time = time;
        _logger = logger;
        _looked = time.GetTimestamp();
        if (_path is not null)
        {
            Load(_path);
        }
    }

    /// <summary>Requests need a key.</summary>
    public bool IsOn => _path is not null;

    /// <summary>The account of a key; null = unknown. Takes the same time for every key that is not known.</summary>
    public KeyAccount? Find(string key)
    {
        Refresh();
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(key), hash);
        KeyAccount? found = null;
        foreach (KeyAccount account in _accounts)
        {
            if (CryptographicOperations.FixedTimeEquals(hash, account.Hash))
            {
                found = account;
            }
        }

        return found;
    }

    /// <summary>All keys and their accounts, in the file's order.</summary>
    public IReadOnlyList<KeyAccount> All()
    {
        if (IsOn)
        {
            Refresh();
        }

        return _accounts;
    }

    /// <summary>Changes the file, and what counts here, at once.</summary>
    /// <exception cref="InvalidOperationException">There is no file of keys.</exception>
    /// <exception cref="InvalidDataException">The file, or what would be written, is malformed.</exception>
    /// <exception cref="IOException">The file cannot be read or written.</exception>
    public void Change(Func<IReadOnlyList<ApiKeyRecord>, IReadOnlyList<ApiKeyRecord>> change)
    {
        string path = _path ?? throw new InvalidOperationException("There is no file of keys.");
        lock (_lock)
        {
            ApiKeyFile.Change(path, change);
            Load(path);
        }
    }

    private void Refresh()
    {
        if (_time.GetElapsedTime(Volatile.Read(ref _looked)) < LookEvery || !_lock.TryEnter())
        {
            return;
        }

        try
        {
            Volatile.Write(ref _looked, _time.GetTimestamp());
            if (File.GetLastWriteTimeUtc(_path!) != _read)
            {
                Load(_path!);
            }
        }
        catch (Exception exception) when (exception is IOException or InvalidDataException or UnauthorizedAccessException)
        {
            // A broken file lets nobody new in and throws nobody out.
            _logger.KeysNotRead(_path!, exception);
        }
        finally
        {
            _lock.Exit();
        }
    }

    // What a key has used stays used, unless its limits changed.
    private void Load(string path)
    {
        DateTime written = File.GetLastWriteTimeUtc(path);
        Dictionary<ApiKeyRecord, KeyAccount> before = _accounts.ToDictionary(a => a.Key);
        _accounts = [.. ApiKeyFile.Read(path).Select(k => before.GetValueOrDefault(k) ?? new KeyAccount(k, _time))];
        _read = written;
    }
}
