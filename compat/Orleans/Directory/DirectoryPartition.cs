using Microsoft.Extensions.Logging;

namespace Orleans.Runtime;

/// <summary>
/// This silo's part of the distributed directory. When the active silos change, parts change hands: the new owner asks every silo
/// that may have activations for those that belong to it now, and until all have answered (or are dead) whoever asks about such a
/// grain waits. That keeps one activation a grain while silos come, leave and crash.
/// </summary>
internal sealed class DirectoryPartition(
    SiloNode silo, TimeSpan lease, Func<ClusterMembershipSnapshot, SiloAddress, Task<GrainAddress[]>> reportHere)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<GrainId, GrainAddress> _entries = [];
    private readonly List<DirectoryTakeover> _takeovers = [];
    private readonly DirectoryLeases _leases = new(lease);
    private volatile DirectoryView _view = DirectoryView.Empty;

    public DirectoryView View => _view;

    public void OnView(ClusterMembershipSnapshot snapshot)
    {
        DirectoryTakeover? takeover = null;
        lock (_gate)
        {
            var (old, now) = (_view, new DirectoryView(snapshot));
            _view = now;
            _takeovers.ForEach(t => t.Add(now));
            foreach (var dead in now.DeclaredDeadSince(old))
            {
                _leases.Add(old, dead, _entries.Values.Where(e => dead.Equals(e.SiloAddress)).Select(e => e.GrainId));
            }

            foreach (var (grain, entry) in _entries.ToArray())
            {
                if (!silo.Address.Equals(now.OwnerOf(grain)) || snapshot.GetSiloStatus(entry.SiloAddress!) == SiloStatus.Dead)
                {
                    _entries.Remove(grain);
                }
            }

            if (now.HasOwner(silo.Address) && !now.HasSameOwners(old))
            {
                takeover = new DirectoryTakeover(silo.Address, old, now);
                _takeovers.Add(takeover);
            }
        }

        if (takeover is not null)
        {
            Task.Run(() => TakeOverAsync(takeover)).Ignore();
        }
    }

    /// <summary>Does what a request says, once this silo knows all entries of its grain.</summary>
    public async Task<DirectoryAnswer> HandleAsync(DirectoryRequest request)
    {
        while (true)
        {
            Task takeover;
            lock (_gate)
            {
                if (request.Version > _view.Snapshot.Version || !silo.Address.Equals(_view.OwnerOf(request.Grain)))
                {
                    return new DirectoryAnswer { OtherView = _view.Snapshot };
                }

                if (_takeovers.Find(t => t.Has(request.Grain)) is not { } open)
                {
                    return request.Operation == DirectoryOperation.Register && !_entries.ContainsKey(request.Grain)
                        && _leases.Remaining(request.Grain) is { Ticks: > 0 } kept
                        ? new DirectoryAnswer { RetryAfter = kept }
                        : new DirectoryAnswer { Entry = Apply(request) };
                }

                takeover = open.Done;
            }

            await takeover;
        }
    }

    public void RemoveSilos(IReadOnlySet<SiloAddress> gone)
    {
        lock (_gate)
        {
            foreach (var (grain, entry) in _entries.Where(e => gone.Contains(e.Value.SiloAddress!)).ToArray())
            {
                _entries.Remove(grain);
            }
        }
    }

    private GrainAddress? Apply(DirectoryRequest request)
    {
        var entry = _entries.GetValueOrDefault(request.Grain);
        switch (request.Operation)
        {
            case DirectoryOperation.Register when entry is null || entry.Matches(request.Previous):
                var address = request.Address!;
                if (_view.Snapshot.GetSiloStatus(address.SiloAddress!) == SiloStatus.Dead)
                {
                    throw new OrleansException($"{address} is not registered: its silo has been declared dead.");
                }

                return _entries[request.Grain] = address;
            case DirectoryOperation.Unregister when entry is not null && entry.Matches(request.Address):
                _entries.Remove(request.Grain);
                return null;
            default:
                return entry;
        }
    }

    private async Task TakeOverAsync(DirectoryTakeover takeover)
    {
        var losers = new List<GrainAddress>();
        try
        {
            var reporters = takeover.View.Snapshot.Members.Values
                .Where(m => m.Status is SiloStatus.Active or SiloStatus.ShuttingDown or SiloStatus.Stopping)
                .Select(m => m.SiloAddress);
            var reports = await Task.WhenAll(reporters.Select(s => AskAsync(s, takeover)));
            lock (_gate)
            {
                // Others have changed hands by requests meanwhile: what was reported of them may be old.
                foreach (var address in reports.SelectMany(r => r).Where(a => takeover.HasKept(a.GrainId)))
                {
                    Add(address, losers);
                }
            }
        }
        catch (Exception e)
        {
            silo.Logger.LogError(e, "Taking over a part of the grain directory failed");
        }
        finally
        {
            lock (_gate)
            {
                _takeovers.Remove(takeover);
            }

            takeover.Finish();
        }

        foreach (var group in losers.GroupBy(l => l.SiloAddress!))
        {
            silo.Logger.LogWarning("{Count} grains have a second activation on silo {Silo}; it ends", group.Count(), group.Key);
            silo.ControlOf(group.Key).EndDuplicatesAsync([.. group]).Ignore();
        }
    }

    private void Add(GrainAddress address, List<GrainAddress> losers)
    {
        if (!silo.Address.Equals(_view.OwnerOf(address.GrainId))
            || _view.Snapshot.GetSiloStatus(address.SiloAddress!) == SiloStatus.Dead)
        {
            return;
        }

        if (!_entries.TryAdd(address.GrainId, address) && !_entries[address.GrainId].Matches(address))
        {
            losers.Add(address);
        }
    }

    private async Task<GrainAddress[]> AskAsync(SiloAddress reporter, DirectoryTakeover takeover)
    {
        if (reporter.Equals(silo.Address))
        {
            return await reportHere(takeover.View.Snapshot, silo.Address);
        }

        while (!silo.IsDetached && !silo.Membership.IsDeadSilo(reporter))
        {
            try
            {
                return await silo.ControlOf(reporter).ReportActivationsAsync(takeover.View.Snapshot, silo.Address);
            }
            catch (Exception e) when (e is SiloUnavailableException or TimeoutException)
            {
                silo.Logger.LogInformation("Silo {Silo} does not report its activations yet: {Reason}", reporter, e.Message);
                await Task.Delay(DistributedGrainDirectory.RetryDelay);
            }
        }

        return [];
    }
}
