namespace Orleans.Runtime;

/// <summary>
/// What silos that were declared dead keep for a while, lest a grain has two activations: the grains they had, and in their part of
/// the directory, which nobody else knows, all grains. Guarded by the partition's lock.
/// </summary>
internal sealed class DirectoryLeases(TimeSpan duration)
{
    private readonly List<Lease> _leases = [];

    /// <summary>A silo that was active is dead; grains: those of its activations that this partition has entries of.</summary>
    public void Add(DirectoryView before, SiloAddress dead, IEnumerable<GrainId> grains)
    {
        if (duration > TimeSpan.Zero)
        {
            _leases.Add(new Lease(before, dead, grains.ToHashSet(), Environment.TickCount64 + (long)duration.TotalMilliseconds));
        }
    }

    /// <summary>How long this grain is still kept; zero or less = it is not.</summary>
    public TimeSpan Remaining(GrainId grain)
    {
        var now = Environment.TickCount64;
        _leases.RemoveAll(l => l.Until <= now);
        var until = _leases.Where(l => l.Has(grain)).Select(l => l.Until).DefaultIfEmpty(now).Max();
        return TimeSpan.FromMilliseconds(until - now);
    }

    private sealed record Lease(DirectoryView Before, SiloAddress Dead, HashSet<GrainId> Grains, long Until)
    {
        public bool Has(GrainId grain) => Grains.Contains(grain) || Dead.Equals(Before.OwnerOf(grain));
    }
}
