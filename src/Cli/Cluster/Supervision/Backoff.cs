namespace XLLM.Cli.Cluster.Supervision;

/// <summary>
/// How long a process that has ended waits before it is started again: 0.2 s at first, doubled up to 30 s; at least 1 s when it was
/// not ready for a second.
/// </summary>
internal sealed class Backoff
{
    private static readonly TimeSpan First = TimeSpan.FromSeconds(0.2);
    private static readonly TimeSpan Most = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Sound = TimeSpan.FromSeconds(30);

    // Orleans tells the lives of a silo apart by the second they began in: two lives of one second would be one silo to the others.
    private static readonly TimeSpan Generation = TimeSpan.FromSeconds(1);
    private TimeSpan _next = First;

    /// <summary>The next wait, after a run that was ready for so long; one that held for 30 s counts as sound.</summary>
    public TimeSpan After(TimeSpan ready)
    {
        if (ready >= Sound)
        {
            _next = First;
        }

        TimeSpan wait = _next;
        _next = _next * 2 < Most ? _next * 2 : Most;
        return ready < Generation && wait < Generation ? Generation : wait;
    }
}
