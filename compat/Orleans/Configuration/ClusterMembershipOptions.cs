namespace Orleans.Configuration;

/// <summary>
/// Failure detection. Between processes; in one process a lost silo is seen at once.
/// </summary>
public class ClusterMembershipOptions
{
    private TimeSpan? _minProbeTimeout;
    private TimeSpan? _maxProbeTimeout;

    public TimeSpan ProbeTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Orleans fits its probes to the times they have taken, from here to <see cref="MaxProbeTimeout"/>; the stand-in's are fixed.</summary>
    public TimeSpan MinProbeTimeout
    {
        get => _minProbeTimeout ?? ProbeTimeout / 2;
        set => _minProbeTimeout = value;
    }

    public TimeSpan MaxProbeTimeout
    {
        get => _maxProbeTimeout ?? ProbeTimeout * 4;
        set => _maxProbeTimeout = value;
    }

    public int NumMissedProbesLimit { get; set; } = 3;

    public int NumProbedSilos { get; set; } = 10;

    public int NumVotesForDeathDeclaration { get; set; } = 2;

    public TimeSpan DeathVoteExpirationTimeout { get; set; } = TimeSpan.FromMinutes(2);

    public TimeSpan TableRefreshTimeout { get; set; } = TimeSpan.FromMinutes(1);

    public TimeSpan IAmAliveTablePublishTimeout { get; set; } = TimeSpan.FromSeconds(30);

    public TimeSpan MaxJoinAttemptTime { get; set; } = TimeSpan.FromMinutes(5);

    public bool LivenessEnabled { get; set; } = true;

    public bool UseLivenessGossip { get; set; } = true;

    public bool EnableIndirectProbes { get; set; } = true;

    public bool ExtendProbeTimeoutDuringDegradation { get; set; } = true;

    public TimeSpan? DefunctSiloCleanupPeriod { get; set; } = TimeSpan.FromHours(1);

    public TimeSpan DefunctSiloExpiration { get; set; } = TimeSpan.FromDays(7);
}
