namespace XLLM.Grains.Requests;

/// <summary>Life of a request at its grain; forward, but from <c>Running</c> to <c>Recovering</c> and back as often as it is lost.</summary>
internal enum RequestPhase
{
    /// <summary>Not submitted, or this activation does not know it.</summary>
    New = 0,

    /// <summary>Looking for an instance.</summary>
    Starting = 1,

    /// <summary>An instance has it.</summary>
    Running = 2,

    /// <summary>Its instance was lost; looking for another.</summary>
    Recovering = 3,

    /// <summary>Has its outcome.</summary>
    Ended = 4,
}
