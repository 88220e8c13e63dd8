namespace XLLM.Grains.Requests;

/// <summary>Life of a request at its grain; only forward.</summary>
internal enum RequestPhase
{
    /// <summary>Not submitted, or this activation does not know it.</summary>
    New = 0,

    /// <summary>Looking for an instance.</summary>
    Starting = 1,

    /// <summary>An instance has it.</summary>
    Running = 2,

    /// <summary>Has its outcome.</summary>
    Ended = 3,
}
