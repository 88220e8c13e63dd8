namespace XLLM.Cli.Cluster.Supervision;

/// <summary>How long a process that has ended waits before it is started again: 0.2 s at first, doubled up to 30 s.</summary>
internal sealed class Backoff
{
    private static readonly TimeSpan First = TimeSpan.FromSeconds(0.2);
    private static readonly TimeSpan Most = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Sound = TimeSpan.FromSeconds(30);
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
        return wait;
    }
}
