namespace XLLM.Cli.Bench.Chaos;

/// <summary>Which faults happen when. The same seed and options give the same plan.</summary>
internal static class FaultPlan
{
    // A pause shorter than detection changes nothing, one longer than eviction is a kill: both sides are wanted.
    private const double ShortestPause = 0.2;
    private const double LongestPause = 4;
    private const double LongestOutage = 15;

    /// <param name="seed">Of everything drawn.</param>
    /// <param name="seconds">Length of the run; the last tenth is left in peace, so that all can end.</param>
    /// <param name="engines">Engines there are, at least 1.</param>
    /// <param name="kinds">Kinds to draw from, each as often as it is listed.</param>
    /// <param name="meanGap">Mean seconds between two faults (exponential).</param>
    public static IReadOnlyList<Fault> Make(int seed, double seconds, int engines, IReadOnlyList<FaultKind> kinds, double meanGap)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(engines, 1);
        List<Fault> faults = [];
        if (kinds.Count == 0)
        {
            return faults;
        }

        Random random = new(seed);
        double at = 0;
        while (true)
        {
            at += -Math.Log(1 - random.NextDouble()) * meanGap;
            FaultKind kind = kinds[random.Next(kinds.Count)];
            int engine = random.Next(engines);
            double draw = random.NextDouble();
            if (at > 0.9 * seconds)
            {
                return faults;
            }

            faults.Add(new Fault(at, kind, engine, DurationOf(kind, draw)));
        }
    }

    private static double DurationOf(FaultKind kind, double draw) => kind switch
    {
        FaultKind.PauseEngine => ShortestPause * Math.Pow(LongestPause / ShortestPause, draw),
        FaultKind.KillDatabase or FaultKind.SlowDisk => 1 + (draw * (LongestOutage - 1)),
        _ => 0,
    };
}
