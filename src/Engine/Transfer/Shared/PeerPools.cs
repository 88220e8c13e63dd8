using System.Globalization;
using XLLM.Contracts.Ids;

namespace XLLM.Engine.Transfer.Shared;

/// <summary>
/// Pools of this machine's other engines. Each engine leaves a name in a folder, and maps the pools it finds there before it needs
/// them: a process that was killed cannot be asked for its memory any more, but what is mapped stays. Any thread.
/// </summary>
internal sealed class PeerPools : IDisposable
{
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly Dictionary<KvIdentity, PeerEntry> _entries = [];
    private readonly KvIdentity _self;
    private readonly KvLayout _layout;
    private readonly string _folder;
    private readonly TimeSpan _keep;
    private readonly TimeProvider _time;
    private readonly Func<PeerPool, Task<bool>> _reclaim;
    private readonly ITimer _timer;
    private bool _isDisposed;

    /// <param name="folder">For the names; made when it is not there.</param>
    /// <param name="keep">How long the pool of a dead process stays mapped.</param>
    /// <param name="reclaim">Takes back what such a process had of this engine's; false = not all of it yet, asked again later.</param>
    public PeerPools(
        KvIdentity self, KvLayout layout, string folder, TimeSpan keep, Func<PeerPool, Task<bool>> reclaim, TimeProvider time)
    {
        _reclaim = reclaim;
        _self = self;
        _layout = layout;
        _folder = folder;
        _keep = keep;
        _time = time;
        if (OperatingSystem.IsLinux())
        {
            Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            File.WriteAllBytes(PathOf(Environment.ProcessId, self), []);
        }

        _timer = time.CreateTimer(_ => Scan(), null, TimeSpan.Zero, Look);
    }

    /// <summary>The pool, opening it where the process is known; null = there is none. The caller returns it.</summary>
    public PeerEntry? Rent(KvIdentity peer, int processId = 0)
    {
        lock (_lock)
        {
            if (_isDisposed || peer == _self)
            {
                return null;
            }

            if (!_entries.TryGetValue(peer, out PeerEntry? entry))
            {
                if (processId <= 0 || PeerPool.TryOpen(processId, peer.Instance, peer.Epoch, _layout) is not { } pool)
                {
                    return null;
                }

                entry = new PeerEntry(pool, processId);
                _entries.Add(peer, entry);
            }

            entry.Users++;
            return entry;
        }
    }

    public void Return(PeerEntry entry)
    {
        lock (_lock)
        {
            if (--entry.Users == 0 && _isDisposed && !entry.IsAttached)
            {
                entry.Pool.Dispose();
            }
        }
    }

    public void Dispose()
    {
        _timer.Dispose();
        lock (_lock)
        {
            if (_isDisposed)
            {
                return;
            }

            _isDisposed = true;
            foreach (PeerEntry entry in _entries.Values.Where(entry => entry is { Users: 0, IsAttached: false }))
            {
                entry.Pool.Dispose();
            }
        }

        Delete(PathOf(Environment.ProcessId, _self));
    }

    private void Scan()
    {
        try
        {
            foreach (string path in Directory.Exists(_folder) ? Directory.EnumerateFiles(_folder) : [])
            {
                if (TryParse(Path.GetFileName(path), out int processId, out KvIdentity peer) && peer != _self)
                {
                    Meet(path, processId, peer);
                }
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The next look may do better.
        }

        Forget();
    }

    private void Meet(string path, int processId, KvIdentity peer)
    {
        if (!IsAlive(processId))
        {
            Delete(path);
        }
        else if (Rent(peer, processId) is { } entry)
        {
            Return(entry);
        }
    }

    private void Forget()
    {
        lock (_lock)
        {
            foreach ((KvIdentity peer, PeerEntry entry) in _entries.Where(pair => !IsAlive(pair.Value.ProcessId)).ToArray())
            {
                entry.DeadSince ??= _time.GetUtcNow();
                if (_isDisposed || _time.GetUtcNow() - entry.DeadSince <= _keep || entry.Users > 0)
                {
                    continue;
                }

                if (entry.IsAttached)
                {
                    entry.Users++;
                    _ = ReclaimAsync(entry);
                }
                else
                {
                    _entries.Remove(peer);
                    entry.Pool.Dispose();
                }
            }
        }
    }

    private async Task ReclaimAsync(PeerEntry entry)
    {
        bool isDone = await _reclaim(entry.Pool).ConfigureAwait(false);
        entry.IsAttached = !isDone;
        Return(entry);
    }

    private static bool IsAlive(int processId) => Directory.Exists($"/proc/{processId}");

    private static void Delete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Somebody else did, or will.
        }
    }

    private string PathOf(int processId, KvIdentity identity) => Path.Combine(_folder, string.Create(
        CultureInfo.InvariantCulture, $"{processId}.{identity.Epoch}.{Uri.EscapeDataString(identity.Instance.Value)}"));

    private static bool TryParse(string name, out int processId, out KvIdentity peer)
    {
        string[] parts = name.Split('.', 3);
        peer = default;
        processId = 0;
        if (parts.Length == 3 && int.TryParse(parts[0], CultureInfo.InvariantCulture, out processId)
            && long.TryParse(parts[1], CultureInfo.InvariantCulture, out long epoch))
        {
            peer = new KvIdentity(new InstanceId(Uri.UnescapeDataString(parts[2])), epoch);
            return true;
        }

        return false;
    }
}
