namespace XLLM.Contracts.Fleet;

/// <summary>What the registry makes of a heartbeat.</summary>
public enum FleetVerdict
{
    Accepted = 0,

    /// <summary>The instance is not registered (any more): register, and go on.</summary>
    Unknown = 1,

    /// <summary>
    /// This epoch counts as dead and its requests go on elsewhere: end them, then register. Until then nothing of it is heard.
    /// </summary>
    Dead = 2,

    /// <summary>A newer epoch of the instance is registered; this one is never heard again.</summary>
    Superseded = 3,
}
