using System.Collections.Concurrent;

namespace Orleans.Runtime;

/// <summary>
/// A node's calls whose answers have not come. Each ends once: by answer, timeout, cancellation or loss of the silo.
/// </summary>
internal sealed class CallTable : IDisposable
{
    private readonly ConcurrentDictionary<long, PendingCall> _calls = new();
    private readonly Timer _sweep;
    private readonly Action<PendingCall> _onTimeout;
    private long _lastId;

    public CallTable(TimeSpan responseTimeout, Action<PendingCall> onTimeout)
    {
        _onTimeout = onTimeout;
        var period = TimeSpan.FromMilliseconds(Math.Clamp(responseTimeout.TotalMilliseconds, 10, 1000));
        _sweep = new Timer(_ => Sweep(), null, period, period);
    }

    public long NextId() => Interlocked.Increment(ref _lastId);

    public void Add(PendingCall call)
    {
        call.Id = NextId();
        _calls[call.Id] = call;
    }

    public PendingCall? Find(long id) => _calls.GetValueOrDefault(id);

    public Type? ResultTypeOf(long id) => Find(id)?.Method is { HasResult: true } method ? method.ResultType : null;

    /// <summary>Takes the call away from everybody else; null when it has ended.</summary>
    public PendingCall? Take(long id)
    {
        if (!_calls.TryRemove(id, out var call))
        {
            return null;
        }

        call.Cancellation.Unregister();
        return call;
    }

    /// <summary>Ends the calls that a silo had.</summary>
    public void FailAll(SiloAddress silo) =>
        FailWhere(c => silo.Equals(c.TargetSilo), c => new SiloUnavailableException(
            $"The silo {silo} became unavailable while {c.Method} of {c.Target} was under way; whether it ran is unknown."));

    /// <summary>Ends all calls: this node stops.</summary>
    public void FailAll(string why) =>
        FailWhere(_ => true, c => new SiloUnavailableException($"{why} ({c.Method} of {c.Target})"));

    public void Dispose() => _sweep.Dispose();

    private void FailWhere(Func<PendingCall, bool> predicate, Func<PendingCall, Exception> error)
    {
        foreach (var call in _calls.Values.Where(predicate))
        {
            if (Take(call.Id) is { } taken)
            {
                taken.SetError(error(taken));
            }
        }
    }

    private void Sweep()
    {
        var now = Environment.TickCount64;
        foreach (var (id, call) in _calls)
        {
            if (call.Expiry <= now && Take(id) is { } taken)
            {
                _onTimeout(taken);
                taken.SetError(new TimeoutException(
                    $"Response did not arrive on time in {taken.Timeout} for {taken.Method} of {taken.Target} on "
                    + $"{taken.TargetSilo?.ToString() ?? "no silo"}. Whether it ran is unknown."));
            }
        }
    }
}
