namespace XLLM.Contracts.Fleet;

/// <summary>What the fleet believes of an instance.</summary>
public enum InstanceHealth
{
    /// <summary>Registered, model still loading.</summary>
    Starting = 0,

    /// <summary>Takes work.</summary>
    Ready = 1,

    /// <summary>Finishes what it has, takes nothing new.</summary>
    Draining = 2,

    /// <summary>Heartbeats are late; not chosen while others can be.</summary>
    Suspect = 3,

    /// <summary>Gone. A restart is a new epoch.</summary>
    Dead = 4,
}
