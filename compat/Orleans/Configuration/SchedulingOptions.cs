namespace Orleans.Configuration;

/// <summary>How turns share threads.</summary>
public class SchedulingOptions
{
    /// <summary>How long an activation may run turns before others get the thread.</summary>
    public TimeSpan ActivationSchedulingQuantum { get; set; } = TimeSpan.FromMilliseconds(100);

    /// <summary>A longer turn is logged.</summary>
    public TimeSpan TurnWarningLengthThreshold { get; set; } = TimeSpan.FromSeconds(1);
}
