namespace XLLM.Scheduling.Offline;

/// <summary>
/// How many offline requests may be in flight: as many as the instances take, and fewer as soon as online requests feel it. Grows
/// by one and halves (AIMD, Chiu and Jain 1989), except that it doubles when nothing else has run for a while. Requests in flight
/// are not ended, so it halves again only once the last halving has shown. Inside an instance the batch planner gives way too,
/// step by step; this bounds what it has to push aside. Pure; one thread.
/// </summary>
/// <param name="max">Upper bound, at least 1.</param>
/// <param name="tokenSeconds">Time between two tokens that online requests shall have at most, seconds, over 0.</param>
public sealed class OfflinePacer(int max, double tokenSeconds)
{
    private const int First = 4;

    /// <summary>Looks without online requests after which they count as gone: they come and go between two looks.</summary>
    public const int QuietLooks = 40;

    // Instances report about once a second: requests that have just ended are still in what they say.
    private const int LateLooks = 5;

    private readonly Queue<int> _own = new();
    private bool _overloaded;
    private int _quiet = QuietLooks;

    /// <summary>So many may be in flight, 1 to the upper bound.</summary>
    public int Limit { get; private set; } = Math.Min(First, max);

    /// <summary>A request was refused for want of room.</summary>
    public void OnOverload() => _overloaded = true;

    /// <summary>Takes a new look into account.</summary>
    public void Observe(OfflineLoad load)
    {
        _own.Enqueue(load.Own);
        if (_own.Count > LateLooks)
        {
            _own.Dequeue();
        }

        bool others = load.Running + load.Waiting > _own.Max();
        _quiet = others ? 0 : Math.Min(_quiet + 1, QuietLooks);
        if (_overloaded || (others && (load.TokenSeconds > tokenSeconds || load.Waiting > 0)))
        {
            Limit = load.Own <= Limit ? Math.Max(1, Limit / 2) : Limit;
        }
        else if (load.Own >= Limit && load.Waiting == 0)
        {
            // Nothing waits, so the instances take more; unused room is no reason to make it larger.
            Limit = Math.Min(max, _quiet < QuietLooks ? Limit + 1 : Limit * 2);
        }

        _overloaded = false;
    }
}
