using System.Collections.Concurrent;

namespace XLLM.Engine.Tests.Loop;

/// <summary>
/// A clock that notes, whenever a thread of the engine asks it for the time, what that thread has taken from the heap so far.
/// </summary>
internal sealed class AllocationMeter : TimeProvider
{
    private readonly ConcurrentDictionary<string, long> _start = [];
    private readonly ConcurrentDictionary<string, long> _now = [];
    private readonly ConcurrentDictionary<string, string> _first = [];
    private readonly AutoResetEvent _turned = new(false);
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

    /// <summary>
    /// Waits until a thread of the engine asks for the time, which it does at least once a step; without a pool's thread, which
    /// the engine's would have to ask for.
    /// </summary>
    public void WaitForTurn() => Assert.True(_turned.WaitOne(TimeSpan.FromSeconds(60)), "the engine does nothing");

    /// <summary>Bytes each of the engine's threads took in between.</summary>
    public IReadOnlyDictionary<string, long> Taken() => _now.ToDictionary(pair => pair.Key, pair => pair.Value - _start[pair.Key]);

    /// <summary>Where each thread was first found to have taken something; for the message of a test that fails.</summary>
    public string Describe() => string.Join("\n", _first.Select(pair => $"{pair.Key} took memory before{pair.Value}"));

    private void Note()
    {
        _turned.Set();
        if (_measures && Thread.CurrentThread.Name is { } name && (name.StartsWith("engine ") || name.StartsWith("device ")))
        {
            long bytes = GC.GetAllocatedBytesForCurrentThread();
            _now[name] = bytes;
            if (_start.TryAdd(name, bytes))
            {
                // The notes themselves took something the first time.
                _start[name] = _now[name] = GC.GetAllocatedBytesForCurrentThread();
            }
            else if (bytes != _start[name] && !_first.ContainsKey(name))
            {
                _first[name] = $" (GCs {GC.CollectionCount(0)}, {bytes - _start[name]} bytes)\n{Environment.StackTrace}";
            }
        }
    }
}
