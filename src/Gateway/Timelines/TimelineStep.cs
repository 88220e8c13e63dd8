namespace XLLM.Gateway.Timelines;

/// <summary>A step of a request, with times in seconds since the request was received.</summary>
/// <param name="Step">Number in docs/request-lifecycle.md, 1 to 12.</param>
/// <param name="Name">As the trace span's.</param>
/// <param name="Begin">When it began.</param>
/// <param name="End">When it ended; the present when it has not.</param>
internal sealed record TimelineStep(int Step, string Name, double Begin, double End)
{
    /// <summary>The run it belongs to; null = the gateway's own step.</summary>
    public int? Run { get; init; }

    /// <summary>Where it happened; null = at the gateway.</summary>
    public string? Instance { get; init; }

    /// <summary>Time that was really spent on it, where it is done in pieces; null = all of it.</summary>
    public double? Busy { get; init; }

    /// <summary>It consists of other steps, or waits for them.</summary>
    public bool IsWhole { get; init; }

    /// <summary>It has not ended.</summary>
    public bool IsOpen { get; init; }

    /// <summary>It was in vain, or is the time between two runs.</summary>
    public bool IsFault { get; init; }

    public string? Note { get; init; }

    /// <summary>Seconds that it cost.</summary>
    public double Cost => Busy ?? End - Begin;
}
