namespace XLLM.Cli.Bench.Chaos;

/// <summary>What can go wrong in a cluster, done for real.</summary>
internal enum FaultKind
{
    /// <summary>An engine's process is killed with signal 9; its supervisor starts a new one.</summary>
    KillEngine,

    /// <summary>An engine's process is stopped for a while and goes on (SIGSTOP, SIGCONT).</summary>
    PauseEngine,

    /// <summary>An engine is asked to leave (SIGTERM) and starts again: a step of a rolling restart.</summary>
    RestartEngine,

    /// <summary>All TCP connections of an engine are cut at once.</summary>
    CutConnections,

    /// <summary>The membership database is killed with signal 9 and started again later.</summary>
    KillDatabase,

    /// <summary>The disk of an engine's KV tier takes a long time for every write and read.</summary>
    SlowDisk,
}
