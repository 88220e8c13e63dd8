using System.Diagnostics.CodeAnalysis;

namespace Orleans.Runtime;

/// <summary>How a grain timer ticks.</summary>
public readonly struct GrainTimerCreationOptions()
{
    [SetsRequiredMembers]
    public GrainTimerCreationOptions(TimeSpan dueTime, TimeSpan period)
        : this()
    {
        DueTime = dueTime;
        Period = period;
    }

    /// <summary>Time to the first tick; infinite = not before <see cref="IGrainTimer.Change"/>.</summary>
    public required TimeSpan DueTime { get; init; }

    /// <summary>Time from the end of a callback to the next tick; infinite = once.</summary>
    public required TimeSpan Period { get; init; }

    /// <summary>Callbacks may overlap requests.</summary>
    public bool Interleave { get; init; }

    /// <summary>Ticks keep the activation from idle collection.</summary>
    public bool KeepAlive { get; init; }
}
