namespace Orleans.Configuration;

/// <summary>The grain directory.</summary>
public class GrainDirectoryOptions
{
    public static readonly TimeSpan DEFAULT_RANGE_LEASE_DURATION = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How long after its failure a silo that was declared dead keeps its grains, and its part of the directory keeps new grains from
    /// being activated: it may still be at work. Counted from the declaration less <c>MaxProbeTimeout * NumMissedProbesLimit</c>; zero =
    /// not at all.
    /// </summary>
    public TimeSpan RangeLeaseDuration { get; set; } = DEFAULT_RANGE_LEASE_DURATION;
}
