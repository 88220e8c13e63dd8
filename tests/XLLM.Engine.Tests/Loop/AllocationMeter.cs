using System.Collections.Concurrent;

namespace XLLM.Engine.Tests.Loop;

/// <summary>
/// A clock that notes, whenever a thread of the engine asks it for the time, what that thread has taken from the heap so far.
/// </summary>
internal sealed class AllocationMeter : TimeProvider
{
    private readonly ConcurrentDictionary<string, long> _start = [];
    private readonly ConcurrentDictionary<string, long> _now = [];
    private volatile bool _measures;

    public override DateTimeOffset GetUtcNow()
    {
        Note();
        return base.GetUtcNow();
    }

    public override long GetTimestamp()
    {
        Note();
        return base.GetTimestamp();
    }

    /// <summary>Counts from each thread's next call on.</summary>
    public void Begin() => _measures = true;

    public void End() => _measures = false;

    /// <summary>Bytes each of the engine's threads took in between.</summary>
    public IReadOnlyDictionary<string, long> Taken() => _now.ToDictionary(pair => pair.Key, pair => pair.Value - _start[pair.Key]);

    private void Note()
    {
        if (_measures && Thread.CurrentThread.Name is { } name && (name.StartsWith("engine ") || name.StartsWith("device ")))
        {
            long bytes = GC.GetAllocatedBytesForCurrentThread();
            _now[name] = bytes;
            if (_start.TryAdd(name, bytes))
            {
                // The notes themselves took something the first time.
                _start[name] = _now[name] = GC.GetAllocatedBytesForCurrentThread();
            }
        }
    }
}
