using XLLM.Contracts.Fleet;
using XLLM.Contracts.Ids;

namespace XLLM.Scheduling.Prediction;

/// <summary>
/// A predictor for each instance of a fleet: made from its descriptor's profile, refined with each newer report, made anew for a
/// new epoch. Not safe for several threads; its owner guards it.
/// </summary>
public sealed class LatencyPredictors
{
    private readonly Dictionary<InstanceId, Entry> _entries = [];

    /// <summary>The instance's predictor, after it has learnt from the report in <paramref name="status"/>.</summary>
    public LatencyPredictor Of(InstanceStatus status)
    {
        InstanceDescriptor descriptor = status.Descriptor;
        if (!_entries.TryGetValue(descriptor.Id, out Entry? entry) || entry.Epoch != descriptor.Epoch)
        {
            entry = new Entry(descriptor.Epoch, new LatencyPredictor(descriptor.Profile));
            _entries[descriptor.Id] = entry;
        }

        if (status.Load.Epoch == entry.Epoch && status.Load.Sequence > entry.Sequence)
        {
            entry.Sequence = status.Load.Sequence;
            entry.Predictor.Observe(status.Load.Recent);
            entry.Predictor.Prompts.Add(status.Seen, status.Load.PromptTokens);
        }

        return entry.Predictor;
    }

    /// <summary>Learns from every report of the snapshot, and forgets instances that are not in it.</summary>
    public void Observe(FleetSnapshot snapshot)
    {
        foreach (InstanceStatus status in snapshot.Instances)
        {
            Of(status);
        }

        HashSet<InstanceId> present = [.. snapshot.Instances.Select(x => x.Descriptor.Id)];
        foreach (InstanceId gone in _entries.Keys.Where(x => !present.Contains(x)).ToArray())
        {
            _entries.Remove(gone);
        }
    }

    private sealed class Entry(long epoch, LatencyPredictor predictor)
    {
        public long Epoch { get; } = epoch;

        public LatencyPredictor Predictor { get; } = predictor;

        public long Sequence { get; set; } = long.MinValue;
    }
}
