namespace XLLM.Simulator.Running;

/// <summary>What happens.</summary>
internal enum SimEventKind
{
    /// <summary>The next request comes.</summary>
    Arrival = 0,

    /// <summary>An instance's step ends.</summary>
    StepEnd = 1,

    /// <summary>A request's KV has come to its decode instance.</summary>
    KvArrived = 2,

    /// <summary>All instances report.</summary>
    Report = 3,

    /// <summary>An instance dies.</summary>
    Failure = 4,

    /// <summary>Its death is known.</summary>
    Detection = 5,

    /// <summary>It is back.</summary>
    Return = 6,
}
