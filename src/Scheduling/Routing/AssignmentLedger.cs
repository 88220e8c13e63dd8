using XLLM.Contracts.Fleet;
using XLLM.Contracts.Ids;

namespace XLLM.Scheduling.Routing;

/// <summary>
/// Remembers what was sent where until a newer load report tells it, so that a burst between two reports is spread and does
/// not fall on the one instance that was idle at the last report. Not safe for several threads; its owner guards it.
/// </summary>
public sealed class AssignmentLedger
{
    private readonly Dictionary<InstanceId, Entry> _entries = [];

    /// <summary>Notes a request sent to the instance.</summary>
    public void Record(InstanceStatus instance, int promptTokens)
    {
        Assigned known = Of(instance);
        var assigned = new Assigned(known.Requests + 1, known.PromptTokens + promptTokens);
        _entries[instance.Descriptor.Id] = new Entry(instance.Load.Epoch, instance.Load.Sequence, assigned);
    }

    /// <summary>What was sent since the report that <paramref name="instance"/> shows.</summary>
    public Assigned Of(InstanceStatus instance)
    {
        bool current = _entries.TryGetValue(instance.Descriptor.Id, out Entry entry)
            && entry.Epoch == instance.Load.Epoch && entry.Sequence == instance.Load.Sequence;
        return current ? entry.Assigned : default;
    }

    /// <summary>Forgets instances that are not in the snapshot.</summary>
    public void Trim(FleetSnapshot snapshot)
    {
        HashSet<InstanceId> present = [.. snapshot.Instances.Select(x => x.Descriptor.Id)];
        foreach (InstanceId gone in _entries.Keys.Where(x => !present.Contains(x)).ToArray())
        {
            _entries.Remove(gone);
        }
    }

    private readonly record struct Entry(long Epoch, long Sequence, Assigned Assigned);
}
