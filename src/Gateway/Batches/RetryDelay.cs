namespace XLLM.Gateway.Batches;

/// <summary>
/// How long a request that found no room waits: twice as long each time, with chance, so that many do not come back together.
/// </summary>
internal static class RetryDelay
{
    private static readonly TimeSpan First = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);

    /// <param name="attempt">Tries before this one, from 0.</param>
    /// <param name="asked">What the answer asked for; null = nothing.</param>
    /// <param name="chance">0 to 1.</param>
    public static TimeSpan Of(int attempt, TimeSpan? asked, double chance)
    {
        TimeSpan full = TimeSpan.FromTicks(Math.Min(First.Ticks << Math.Min(attempt, 16), Longest.Ticks));
        TimeSpan wait = full * (0.5 + (chance / 2));
        return asked > wait ? asked.Value : wait;
    }
}
