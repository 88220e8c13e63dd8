using XLLM.Contracts.Ids;
using XLLM.Contracts.Kv;

namespace XLLM.Scheduling.Leases;

/// <summary>
/// Promises of room that have not been used yet. A lease is used once, given back, or expires. Ids are unique for the table's
/// life. One thread at a time; the owner locks.
/// </summary>
public sealed class LeaseTable(InstanceId instance, long epoch, TimeSpan lifetime, TimeProvider time)
{
    private readonly Dictionary<RequestId, KvLease> _leases = [];
    private long _next = 1;

    public int Count => _leases.Count;

    public bool Has(RequestId request) => _leases.ContainsKey(request);

    /// <summary>A promise of so many blocks to a request that has none yet; one that has gets a new lease for the old.</summary>
    public KvLease Reserve(RequestId request, int blocks)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(blocks);
        KvLease lease = new()
        {
            Id = _next++,
            Request = request,
            Instance = instance,
            Epoch = epoch,
            Blocks = blocks,
            Expiry = time.GetUtcNow() + lifetime,
        };
        _leases[request] = lease;
        return lease;
    }

    /// <summary>Uses the lease. False when it is unknown, of another epoch, expired, or used before.</summary>
    public bool TryCommit(RequestId request, KvLease lease) =>
        lease.Epoch == epoch
        && lease.Instance == instance
        && _leases.TryGetValue(request, out KvLease? held)
        && held.Id == lease.Id
        && held.Expiry > time.GetUtcNow()
        && _leases.Remove(request);

    /// <summary>Gives a lease back. False when it is gone already.</summary>
    public bool Release(RequestId request, long lease) =>
        _leases.TryGetValue(request, out KvLease? held) && held.Id == lease && _leases.Remove(request);

    /// <summary>Drops what has expired; the number dropped.</summary>
    public int Expire()
    {
        DateTimeOffset now = time.GetUtcNow();
        int dropped = 0;
        foreach (KvLease lease in _leases.Values)
        {
            if (lease.Expiry <= now)
            {
                _leases.Remove(lease.Request);
                dropped++;
            }
        }

        return dropped;
    }

    /// <summary>Audits the table. Empty = sound; else one line a fault.</summary>
    public IReadOnlyList<string> CheckIntegrity()
    {
        List<string> faults = [];
        HashSet<long> ids = [];
        foreach ((RequestId request, KvLease lease) in _leases)
        {
            if (lease.Request != request || lease.Epoch != epoch || lease.Id >= _next || !ids.Add(lease.Id))
            {
                faults.Add($"lease {lease.Id} of {lease.Request} (epoch {lease.Epoch}) is kept for {request}");
            }
        }

        return faults;
    }
}
