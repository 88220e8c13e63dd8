using System.Collections;
using Microsoft.Extensions.Logging;

namespace Orleans.Utilities;

/// <summary>
/// Observers of a grain by id. An observer that has not subscribed again within the expiration, or that throws, is dropped; both
/// happen on <see cref="Notify(Action{TObserver}, Func{TObserver, bool})"/> and <see cref="ClearExpired"/> only. Not for several
/// threads: a grain's turns suit it.
/// </summary>
public class ObserverManager<TIdentity, TObserver>(TimeSpan expiration, ILogger log) : IEnumerable<TObserver>
    where TIdentity : notnull
    where TObserver : notnull
{
    private readonly Dictionary<TIdentity, Entry> _entries = [];

    public TimeSpan ExpirationDuration { get; set; } = expiration;

    public Func<DateTime> GetDateTime { get; set; } = () => DateTime.UtcNow;

    public int Count => _entries.Count;

    public IReadOnlyDictionary<TIdentity, TObserver> Observers => _entries.ToDictionary(e => e.Key, e => e.Value.Observer);

    public void Clear() => _entries.Clear();

    public void Subscribe(TIdentity id, TObserver observer) => _entries[id] = new Entry(observer, GetDateTime());

    public void Unsubscribe(TIdentity id) => _entries.Remove(id);

    public void ClearExpired()
    {
        foreach (var (id, _) in _entries.Where(e => IsExpired(e.Value)).ToArray())
        {
            _entries.Remove(id);
        }
    }

    /// <summary>Calls each observer that has not expired.</summary>
    public void Notify(Action<TObserver> notification, Func<TObserver, bool>? predicate = null)
    {
        foreach (var (id, entry) in Chosen(predicate))
        {
            try
            {
                notification(entry.Observer);
            }
            catch (Exception e)
            {
                Drop(id, e);
            }
        }
    }

    /// <summary>Calls each observer that has not expired, side by side, and waits for all.</summary>
    public async Task Notify(Func<TObserver, Task> notification, Func<TObserver, bool>? predicate = null)
    {
        await Task.WhenAll(Chosen(predicate).Select(async chosen =>
        {
            try
            {
                await notification(chosen.Value.Observer);
            }
            catch (Exception e)
            {
                Drop(chosen.Key, e);
            }
        }).ToArray());
    }

    public IEnumerator<TObserver> GetEnumerator() => _entries.Values.Select(e => e.Observer).ToList().GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private KeyValuePair<TIdentity, Entry>[] Chosen(Func<TObserver, bool>? predicate)
    {
        ClearExpired();
        return [.. _entries.Where(e => predicate?.Invoke(e.Value.Observer) ?? true)];
    }

    private bool IsExpired(Entry entry) => entry.Seen + ExpirationDuration < GetDateTime();

    private void Drop(TIdentity id, Exception e)
    {
        _entries.Remove(id);
        log.LogDebug(e, "Observer {Id} threw and is dropped", id);
    }

    private readonly record struct Entry(TObserver Observer, DateTime Seen);
}
