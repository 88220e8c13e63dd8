using System.Collections.Concurrent;
using Orleans.GrainDirectory;

namespace Orleans.Runtime;

/// <summary>
/// The directory of silos in several processes: each active silo has the entries of the grains that hash to it. Operations go to
/// the owner with the sender's view of the cluster; where the two disagree, the older takes over the newer one's view first.
/// </summary>
internal sealed class DistributedGrainDirectory : IGrainDirectory
{
    public static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(50);

    // What this silo has registered: said again to whoever owns the entries later.
    private readonly ConcurrentDictionary<GrainId, GrainAddress> _registered = new();
    private SiloNode _silo = null!;
    private DirectoryPartition _partition = null!;

    /// <summary>Leases of dead silos are <paramref name="lease"/> long from when they are known to be dead.</summary>
    public void Bind(SiloNode silo, TimeSpan lease)
    {
        _silo = silo;
        _partition = new DirectoryPartition(silo, lease, ReportAsync);
    }

    public void OnView(ClusterMembershipSnapshot old, ClusterMembershipSnapshot snapshot) => _partition.OnView(snapshot);

    public Task<DirectoryAnswer> HandleAsync(DirectoryRequest request) => _partition.HandleAsync(request);

    public Task<GrainAddress?> Register(GrainAddress address) => Register(address, null);

    public async Task<GrainAddress?> Register(GrainAddress address, GrainAddress? previousAddress)
    {
        var request = new DirectoryRequest
        {
            Operation = DirectoryOperation.Register,
            Grain = address.GrainId,
            Address = address,
            Previous = previousAddress,
        };
        while (true)
        {
            var (entry, owner) = await RunAsync(request);
            if (owner is not null && !address.Matches(entry))
            {
                Forget(address);
                return entry;
            }

            // First known here, then the owner compared: a new owner has either heard of it from here, or is seen now.
            _registered[address.GrainId] = address;
            if (Equals(owner, _partition.View.OwnerOf(address.GrainId)))
            {
                return address;
            }
        }
    }

    public async Task Unregister(GrainAddress address)
    {
        Forget(address);
        var request = new DirectoryRequest
        {
            Operation = DirectoryOperation.Unregister,
            Grain = address.GrainId,
            Address = address,
        };
        while (true)
        {
            var (_, owner) = await RunAsync(request);
            if (Equals(owner, _partition.View.OwnerOf(address.GrainId)))
            {
                return;
            }
        }
    }

    public async Task<GrainAddress?> Lookup(GrainId grainId) =>
        (await RunAsync(new DirectoryRequest { Operation = DirectoryOperation.Lookup, Grain = grainId })).Entry;

    /// <summary>Each silo does it for its own part when it hears of the change.</summary>
    public Task UnregisterSilos(List<SiloAddress> siloAddresses)
    {
        _partition.RemoveSilos(siloAddresses.ToHashSet());
        return Task.CompletedTask;
    }

    /// <summary>The activation has ended here, or moves.</summary>
    public void Forget(GrainAddress address)
    {
        if (_registered.TryGetValue(address.GrainId, out var known) && known.Matches(address))
        {
            _registered.TryRemove(new KeyValuePair<GrainId, GrainAddress>(address.GrainId, known));
        }
    }

    /// <summary>The activations here whose entries belong to a silo.</summary>
    public async Task<GrainAddress[]> ReportAsync(ClusterMembershipSnapshot view, SiloAddress owner)
    {
        await _silo.Membership.ApplyAsync(view);
        var known = _partition.View;
        return [.. _registered.Values.Where(a => owner.Equals(known.OwnerOf(a.GrainId)))];
    }

    // The entry after the operation and the owner that did it; no owner when no silo is active yet.
    private async Task<(GrainAddress? Entry, SiloAddress? Owner)> RunAsync(DirectoryRequest request)
    {
        var started = Environment.TickCount64;
        while (true)
        {
            var view = _partition.View;
            if (view.OwnerOf(request.Grain) is not { } owner)
            {
                return (null, null);
            }

            try
            {
                var versioned = request with { Version = view.Snapshot.Version };
                var answer = owner.Equals(_silo.Address)
                    ? await _partition.HandleAsync(versioned)
                    : await _silo.ControlOf(owner).RunDirectoryAsync(versioned);
                if (answer.RetryAfter > TimeSpan.Zero)
                {
                    // As long as it takes: the grain's callers have their own timeouts.
                    await Task.Delay(answer.RetryAfter);
                    started = Environment.TickCount64;
                    continue;
                }

                if (answer.OtherView is not { } other)
                {
                    return (answer.Entry, owner);
                }

                if (other.Version > view.Snapshot.Version)
                {
                    await _silo.Membership.ApplyAsync(other);
                }
                else if (!owner.Equals(_silo.Address))
                {
                    await _silo.ControlOf(owner).GossipAsync(view.Snapshot);
                }
            }
            catch (SiloUnavailableException) when (IsInTime() && !_silo.IsDetached)
            {
                // Dead or about to be declared so: another owner follows.
                await Task.Delay(RetryDelay);
            }

            if (!IsInTime())
            {
                throw new OrleansException(
                    $"The directory's entry of {request.Grain} could not be reached in {_silo.Messaging.ResponseTimeout}.");
            }
        }

        bool IsInTime() => Environment.TickCount64 - started < _silo.Messaging.ResponseTimeout.TotalMilliseconds;
    }
}
