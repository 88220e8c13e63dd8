namespace XLLM.Contracts.Ports;

/// <summary>Stages of a process's models.</summary>
public enum ReadinessState
{
    /// <summary>Weights are being read.</summary>
    Loading = 0,

    /// <summary>All are loaded and known to the fleet.</summary>
    Ready = 1,

    /// <summary>At least one could not be loaded.</summary>
    Failed = 2,

    /// <summary>Leaving: running requests are finished, new ones refused.</summary>
    Draining = 3,
}
