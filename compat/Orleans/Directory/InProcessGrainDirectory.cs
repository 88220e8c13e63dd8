using System.Collections.Concurrent;
using Orleans.GrainDirectory;

namespace Orleans.Runtime;

/// <summary>One directory for all silos of a cluster in this process. It outlives them.</summary>
internal sealed class InProcessGrainDirectory : IGrainDirectory
{
    private readonly ConcurrentDictionary<GrainId, GrainAddress> _entries = new();

    public Task<GrainAddress?> Register(GrainAddress address) => Register(address, null);

    public Task<GrainAddress?> Register(GrainAddress address, GrainAddress? previousAddress)
    {
        var entry = _entries.AddOrUpdate(
            address.GrainId,
            static (_, a) => a.New,
            static (_, current, a) => current.Matches(a.Previous) ? a.New : current,
            (New: address, Previous: previousAddress));
        return Task.FromResult<GrainAddress?>(entry);
    }

    public Task Unregister(GrainAddress address)
    {
        if (_entries.TryGetValue(address.GrainId, out var entry) && entry.Matches(address))
        {
            _entries.TryRemove(new KeyValuePair<GrainId, GrainAddress>(address.GrainId, entry));
        }

        return Task.CompletedTask;
    }

    public Task<GrainAddress?> Lookup(GrainId grainId) => Task.FromResult(_entries.GetValueOrDefault(grainId));

    public Task UnregisterSilos(List<SiloAddress> siloAddresses)
    {
        var gone = siloAddresses.ToHashSet();
        foreach (var entry in _entries.Where(e => gone.Contains(e.Value.SiloAddress!)))
        {
            _entries.TryRemove(entry);
        }

        return Task.CompletedTask;
    }
}
