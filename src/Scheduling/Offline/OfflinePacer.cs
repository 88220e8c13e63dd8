namespace XLLM.Scheduling.Offline;

/// <summary>
/// How many offline requests may be in flight: as many as the instances take, and fewer as soon as online requests feel it. Grows by
/// one and halves (AIMD, Chiu and Jain 1989), except that it doubles while nothing else runs. Inside an instance the batch planner gives
/// way too, step by step; this bounds what it has to push aside. Pure; one thread.
/// </summary>
/// <param name="max">Upper bound, at least 1.</param>
/// <param name="tokenSeconds">Time between two tokens that online requests shall have at most, seconds, over 0.</param>
public sealed class OfflinePacer(int max, double tokenSeconds)
{
    private const int First = 4;

    private bool _overloaded;

    /// <summary>So many may be in flight, 1 to the upper bound.</summary>
    public int Limit { get; private set; } = Math.Min(First, max);

    /// <summary>A request was refused for want of room.</summary>
    public void OnOverload() => _overloaded = true;

    /// <summary>Takes a new look into account.</summary>
    public void Observe(OfflineLoad load)
    {
        bool others = load.Running + load.Waiting > load.Own;
        if (_overloaded || (others && load.TokenSeconds > tokenSeconds))
        {
            Limit = Math.Max(1, Limit / 2);
        }
        else if (load.Own >= Limit && load.Waiting == 0)
        {
            // Nothing waits, so the instances take more; unused room is no reason to make it larger.
            Limit = Math.Min(max, others ? Limit + 1 : Limit * 2);
        }

        _overloaded = false;
    }
}
