namespace XLLM.Cli.Cluster.State;

/// <summary>Life of a process as its supervisor sees it.</summary>
internal enum NodePhase
{
    /// <summary>Runs, but is not ready.</summary>
    Starting = 0,

    Ready = 1,

    /// <summary>Was told to end; finishes what it has.</summary>
    Draining = 2,

    /// <summary>Has ended by itself; will be started again when restarts are on.</summary>
    Exited = 3,
}
