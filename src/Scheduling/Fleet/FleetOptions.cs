using System.ComponentModel.DataAnnotations;

namespace XLLM.Scheduling.Fleet;

/// <summary>When the fleet stops trusting an instance that is silent.</summary>
public sealed class FleetOptions : IValidatableObject
{
    /// <summary>Time between two load reports of an instance, and between two looks at the fleet, 10 ms .. 1 min.</summary>
    public TimeSpan ReportPeriod { get; set; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Silence after which an instance is chosen only when no other can be; at least two report periods.</summary>
    public TimeSpan SuspectAfter { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// Silence after which an instance counts as dead and its requests as lost; more than <see cref="SuspectAfter"/>.
    /// </summary>
    public TimeSpan DeadAfter { get; set; } = TimeSpan.FromSeconds(6);

    /// <summary>How long a dead instance stays in the snapshot; at least <see cref="DeadAfter"/>.</summary>
    public TimeSpan ForgetAfter { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>
    /// For a cluster of several processes: a kill is seen within a second, and a process that is only slow is suspect at most. One
    /// process alone has nobody to fail over to; the defaults let it be slow.
    /// </summary>
    public static FleetOptions ForCluster() => new()
    {
        ReportPeriod = TimeSpan.FromMilliseconds(100),
        SuspectAfter = TimeSpan.FromMilliseconds(400),
        DeadAfter = TimeSpan.FromMilliseconds(800),
    };

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (ReportPeriod < TimeSpan.FromMilliseconds(10) || ReportPeriod > TimeSpan.FromMinutes(1))
        {
            yield return new($"ReportPeriod is {ReportPeriod}; it must be in 10 ms .. 1 min.");
        }

        if (SuspectAfter < 2 * ReportPeriod)
        {
            yield return new($"SuspectAfter is {SuspectAfter}; it must be at least two report periods ({2 * ReportPeriod}).");
        }

        if (DeadAfter <= SuspectAfter)
        {
            yield return new($"DeadAfter is {DeadAfter}; it must be more than SuspectAfter ({SuspectAfter}).");
        }

        if (ForgetAfter < DeadAfter)
        {
            yield return new($"ForgetAfter is {ForgetAfter}; it must be at least DeadAfter ({DeadAfter}).");
        }
    }
}
