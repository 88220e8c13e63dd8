using System.Diagnostics;
using System.Diagnostics.Metrics;
using XLLM.Contracts.Ids;

namespace XLLM.Engine.Transfer;

/// <summary>
/// Instruments of the meter <c>XLLM.Engine</c> about KV that moves, each tagged <c>instance</c>: counters
/// <c>xllm.kv.sent</c>, <c>xllm.kv.received</c>, <c>xllm.kv.unwanted</c> (bytes), <c>xllm.kv.transfers</c> (tagged <c>verb</c>:
/// push, fetch; <c>side</c>: send, receive; <c>outcome</c>), <c>xllm.kv.transferred_blocks</c> (blocks that joined the prefix
/// cache), <c>xllm.kv.retries</c> (damaged frames sent again), <c>xllm.kv.resumes</c> (transfers taken up again after their
/// connection broke), <c>xllm.kv.connections</c> (opened), <c>xllm.kv.connections_closed</c> (tagged <c>reason</c>); up-down
/// counter <c>xllm.kv.transfers_active</c>; histogram <c>xllm.kv.transfer_duration</c> (seconds). The same numbers can be read
/// here. Any thread.
/// </summary>
public sealed class KvTransferMetrics(InstanceId instance)
{
    private static readonly Meter Meter = new("XLLM.Engine");
    private static readonly Counter<long> SentBytes = Meter.CreateCounter<long>("xllm.kv.sent", "By");
    private static readonly Counter<long> ReceivedBytes = Meter.CreateCounter<long>("xllm.kv.received", "By");
    private static readonly Counter<long> UnwantedBytes = Meter.CreateCounter<long>("xllm.kv.unwanted", "By");
    private static readonly Counter<long> Transfers = Meter.CreateCounter<long>("xllm.kv.transfers");
    private static readonly Counter<long> Blocks = Meter.CreateCounter<long>("xllm.kv.transferred_blocks");
    private static readonly Counter<long> Again = Meter.CreateCounter<long>("xllm.kv.retries");
    private static readonly Counter<long> TakenUp = Meter.CreateCounter<long>("xllm.kv.resumes");
    private static readonly Counter<long> Opened = Meter.CreateCounter<long>("xllm.kv.connections");
    private static readonly Counter<long> Ended = Meter.CreateCounter<long>("xllm.kv.connections_closed");
    private static readonly UpDownCounter<int> Active = Meter.CreateUpDownCounter<int>("xllm.kv.transfers_active");
    private static readonly Histogram<double> Duration = Meter.CreateHistogram<double>("xllm.kv.transfer_duration", "s");

    private readonly KeyValuePair<string, object?> _tag = new("instance", instance.Value);
    private readonly long[] _closed = new long[Enum.GetValues<KvFault>().Length];
    private long _sent;
    private long _received;
    private long _unwanted;
    private long _retries;
    private long _resumes;
    private long _connections;

    /// <summary>Payload bytes sent.</summary>
    public long SentTotal => Volatile.Read(ref _sent);

    /// <summary>Payload bytes received, wanted or not.</summary>
    public long ReceivedTotal => Volatile.Read(ref _received);

    /// <summary>Payload bytes thrown away.</summary>
    public long UnwantedTotal => Volatile.Read(ref _unwanted);

    /// <summary>Damaged frames asked for again.</summary>
    public long Retries => Volatile.Read(ref _retries);

    /// <summary>Transfers taken up again.</summary>
    public long Resumes => Volatile.Read(ref _resumes);

    /// <summary>Connections that were opened, their handshake done.</summary>
    public long Connections => Volatile.Read(ref _connections);

    /// <summary>Connections closed for that reason, handshakes that failed among them.</summary>
    public long ClosedFor(KvFault fault) => Volatile.Read(ref _closed[(int)fault]);

    internal void Sent(int bytes) => Add(ref _sent, SentBytes, bytes);

    internal void Received(int bytes) => Add(ref _received, ReceivedBytes, bytes);

    internal void Unwanted(int bytes) => Add(ref _unwanted, UnwantedBytes, bytes);

    internal void Retried() => Add(ref _retries, Again, 1);

    internal void Resumed() => Add(ref _resumes, TakenUp, 1);

    internal void Connected() => Add(ref _connections, Opened, 1);

    internal void Closed(KvFault fault)
    {
        int index = (int)fault < _closed.Length ? (int)fault : (int)KvFault.Garbage;
        Interlocked.Increment(ref _closed[index]);
        Ended.Add(1, _tag, new("reason", ((KvFault)index).ToString()));
    }

    internal void Began() => Active.Add(1, _tag);

    internal void Over(string verb, string side, KvFault fault, TimeSpan duration)
    {
        Active.Add(-1, _tag);
        string outcome = fault == KvFault.None ? "done" : fault.ToString();
        TagList tags = new() { _tag, { "verb", verb }, { "side", side }, { "outcome", outcome } };
        Transfers.Add(1, tags);
        Duration.Record(duration.TotalSeconds, _tag, new("verb", verb), new("side", side));
    }

    internal void Stored(int blocks) => Blocks.Add(blocks, _tag);

    private void Add(ref long total, Counter<long> counter, long more)
    {
        Interlocked.Add(ref total, more);
        counter.Add(more, _tag);
    }
}
