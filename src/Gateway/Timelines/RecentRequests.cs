using XLLM.Gateway.Configuration;

namespace XLLM.Gateway.Timelines;

/// <summary>The newest generations of this gateway, running and ended, up to a number. Any thread.</summary>
internal sealed class RecentRequests(GatewayOptions options)
{
    private readonly Lock _lock = new();
    private readonly Queue<GenerationRecord> _order = [];
    private readonly Dictionary<string, GenerationRecord> _byId = new(StringComparer.Ordinal);

    public bool IsOn => options.MaxRecentRequests > 0;

    /// <summary>Keeps it, and forgets the oldest when there are too many.</summary>
    public void Add(GenerationRecord record)
    {
        if (!IsOn)
        {
            return;
        }

        lock (_lock)
        {
            while (_order.Count >= options.MaxRecentRequests)
            {
                _byId.Remove(_order.Dequeue().Id.Value);
            }

            _order.Enqueue(record);
            _byId[record.Id.Value] = record;
        }
    }

    /// <summary>All, newest first.</summary>
    public IReadOnlyList<GenerationRecord> Snapshot()
    {
        lock (_lock)
        {
            GenerationRecord[] all = [.. _order];
            Array.Reverse(all);
            return all;
        }
    }

    /// <summary>The one with this id, or the first one of the answer with this id; null = none, or forgotten.</summary>
    public GenerationRecord? Find(string id)
    {
        lock (_lock)
        {
            return _byId.GetValueOrDefault(id) ?? (id.Length == 0 ? null : _order.FirstOrDefault(r => r.AnswerId == id));
        }
    }
}
