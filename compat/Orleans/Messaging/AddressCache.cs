using System.Collections.Concurrent;

namespace Orleans.Runtime;

/// <summary>
/// The silos on which grains of other silos were found last, so that not each call asks the directory. An entry that is wrong costs
/// a forwarding, which removes it.
/// </summary>
internal sealed class AddressCache(SiloAddress self)
{
    private const int MaxEntries = 100_000;
    private readonly ConcurrentDictionary<GrainId, SiloAddress> _silos = new();
    private int _count;

    public SiloAddress? Find(GrainId grain) => _silos.GetValueOrDefault(grain);

    public void Add(GrainId grain, SiloAddress silo)
    {
        if (silo.Equals(self))
        {
            return;
        }

        if (Interlocked.Increment(ref _count) > MaxEntries)
        {
            _silos.Clear();
            Volatile.Write(ref _count, 0);
        }

        _silos[grain] = silo;
    }

    public void Remove(GrainId grain) => _silos.TryRemove(grain, out _);

    /// <summary>Forgets what was on silos that leave.</summary>
    public void OnView(ClusterMembershipSnapshot old, ClusterMembershipSnapshot snapshot)
    {
        var gone = snapshot.Members.Values
            .Where(m => m.Status.IsTerminating() && !old.GetSiloStatus(m.SiloAddress).IsTerminating())
            .Select(m => m.SiloAddress).ToHashSet();
        if (gone.Count > 0)
        {
            foreach (var entry in _silos.Where(e => gone.Contains(e.Value)))
            {
                _silos.TryRemove(entry);
            }
        }
    }
}
