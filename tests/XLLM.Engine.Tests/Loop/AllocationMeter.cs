using System.Collections.Concurrent;

namespace XLLM.Engine.Tests.Loop;

/// <summary>
/// A clock that notes, whenever a thread of the engine asks it for the time, what that thread has taken from the heap so far.
/// </summary>
internal sealed class AllocationMeter : TimeProvider
{
    private readonly ConcurrentDictionary<(string Thread, int Window), long> _start = [];
    private readonly ConcurrentDictionary<(string Thread, int Window), long> _now = [];
    private readonly ConcurrentDictionary<(string Thread, int Window), string> _first = [];
    private readonly AutoResetEvent _turned = new(false);
    private volatile bool _measures;
    private volatile int _window;

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

    /// <summary>Counts anew, from each thread's next call on.</summary>
    public void Begin()
    {
        _window++;
        _measures = true;
    }

    public void End() => _measures = false;

    /// <summary>
    /// Waits until a thread of the engine asks for the time, which it does at least once a step; without a pool's thread, which
    /// the engine's would have to ask for.
    /// </summary>
    public void WaitForTurn() => Assert.True(_turned.WaitOne(TimeSpan.FromSeconds(60)), "the engine does nothing");

    /// <summary>Bytes each of the engine's threads took since the last <see cref="Begin"/>.</summary>
    public IReadOnlyDictionary<string, long> Taken() =>
        _now.Where(pair => pair.Key.Window == _window).ToDictionary(pair => pair.Key.Thread, pair => pair.Value - _start[pair.Key]);

    /// <summary>Where each thread was first found to have taken something; for the message of a test that fails.</summary>
    public string Describe() => string.Join("\n", _first.Select(pair => $"{pair.Key.Thread} took {pair.Value}"));

    private void Note()
    {
        _turned.Set();
        if (!_measures || Thread.CurrentThread.Name is not { } name || !(name.StartsWith("engine ") || name.StartsWith("device ")))
        {
            return;
        }

        long bytes = GC.GetAllocatedBytesForCurrentThread();
        (string, int) key = (name, _window);
        _now[key] = bytes;
        if (_start.TryAdd(key, bytes))
        {
            // The notes themselves took something the first time.
            _start[key] = _now[key] = GC.GetAllocatedBytesForCurrentThread();
        }
        else if (bytes != _start[key] && !_first.ContainsKey(key))
        {
            _first[key] = $"{bytes - _start[key]} bytes before\n{Environment.StackTrace}";
        }
    }
}
